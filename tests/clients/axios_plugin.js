'use strict';
// wechatpay-axios-plugin as its users call it: by its default base URL, with its own signing, verifying and opening.
const { Wechatpay, Rsa, Aes, Formatter, Multipart } = require('wechatpay-axios-plugin');

module.exports = function axiosPlugin(merchant) {
  const certs = { [merchant.platformSerial]: merchant.platformCertificate };
  const client = new Wechatpay({
    mchid: merchant.mchid, serial: merchant.serial, privateKey: merchant.privateKey, certs,
  });
  const platformKey = Rsa.from(merchant.platformCertificate, Rsa.KEY_TYPE_PUBLIC);

  // axios throws what is outside 2xx; the life wants to look at it.
  async function settled(asked) {
    try {
      const answer = await asked;
      return { status: answer.status, data: answer.data };
    } catch (problem) {
      if (!problem.response) throw problem;
      return { status: problem.response.status, data: problem.response.data };
    }
  }

  return {
    get: (path, { query } = {}) => settled(client.chain(path).get({ params: query })),
    post: (path, body, { headers } = {}) => settled(client.chain(path).post(body, { headers })),
    // Its chained delete() drops a body; this is what stands behind the chain.
    del: (path, body) => settled(client.client.request(path, 'DELETE', body)),
    seal: (text) => Rsa.encrypt(text, platformKey),
    // What a handler of callbacks does with the head and the body as they came.
    async open(headers, body) {
      const message = Formatter.response(headers['wechatpay-timestamp'], headers['wechatpay-nonce'], body);
      if (!Rsa.verify(message, headers['wechatpay-signature'], certs[headers['wechatpay-serial']])) throw new Error('bad signature');
      const { resource } = JSON.parse(body);
      return JSON.parse(Aes.AesGcm.decrypt(resource.ciphertext, merchant.apiv3Key, resource.nonce, resource.associated_data));
    },
    upload(path, meta, file) {
      const form = new Multipart().append('meta', JSON.stringify(meta)).append('file', file, meta.filename);
      return settled(client.chain(path).post(form.getBuffer(), { meta: form.toJSON(), headers: form.getHeaders() }));
    },
  };
};
