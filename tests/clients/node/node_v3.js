'use strict';
// wechatpay-node-v3 as its users call it: its host is fixed, the serial number comes out of the certificate.
const superagent = require('superagent'); // the library's own HTTP client, for the one method that it has no function for
const Pay = require('wechatpay-node-v3');

const HOST = 'https://api.mch.weixin.qq.com';

module.exports = function nodeV3(merchant) {
  const pay = new Pay({
    appid: 'wx8888888888888888', mchid: merchant.mchid, publicKey: Buffer.from(merchant.certificate),
    privateKey: merchant.private_key, key: merchant.apiv3_key,
  });

  function headersOf(method, path, body, more) {
    return pay.getHeaders(pay.buildAuthorization(method, HOST + path, body), { 'Content-Type': 'application/json', ...more });
  }

  const answerOf = ({ status, data, error }) => ({ status, data: error === undefined ? data : JSON.parse(error) });

  async function get({ path, query, headers }) {
    const target = `/${path}${pay.objectToQueryString(query || {})}`;
    return answerOf(await pay.httpService.get(HOST + target, headersOf('GET', target, undefined, headers)));
  }

  return {
    get,
    async post({ path, body, headers }) {
      const target = `/${path}`;
      return answerOf(await pay.httpService.post(HOST + target, body, headersOf('POST', target, body, headers)));
    },
    async delete({ path, body }) {
      const target = `/${path}`;
      const answer = await superagent.delete(HOST + target).send(body).set(headersOf('DELETE', target, body));
      return { status: answer.status, data: answer.body };
    },
    download: get,
    async serials() {
      const listed = await pay.get_certificates(merchant.apiv3_key);
      return { data: listed.map((one) => one.serial_no) };
    },
    async seal({ text }) {
      const [{ publicKey }] = await pay.get_certificates(merchant.apiv3_key);
      return { data: pay.publicEncrypt(text, publicKey) };
    },
    async open({ headers, body }) {
      const good = await pay.verifySign({
        timestamp: headers['wechatpay-timestamp'],
        nonce: headers['wechatpay-nonce'],
        serial: headers['wechatpay-serial'],
        signature: headers['wechatpay-signature'],
        body,
        apiSecret: merchant.apiv3_key,
      });
      if (!good) throw new Error('bad signature');
      const { resource } = JSON.parse(body);
      return { data: pay.decipher_gcm(resource.ciphertext, resource.associated_data, resource.nonce, merchant.apiv3_key) };
    },
  };
};
