'use strict';
// wechatpay-axios-plugin as its users call it: by its default base URL, with its own signing, verifying and opening.
const { Wechatpay, Rsa, Aes, Formatter, Multipart } = require('wechatpay-axios-plugin');

module.exports = function axiosPlugin(merchant) {
  const certs = { [merchant.platform_serial]: merchant.platform_certificate };
  const client = new Wechatpay({
    mchid: merchant.mchid, serial: merchant.serial, privateKey: merchant.private_key, certs,
  });
  const platformKey = Rsa.from(merchant.platform_certificate, Rsa.KEY_TYPE_PUBLIC);

  // axios throws what is outside 2xx; the life wants to look at it. A 2xx that is thrown was not signed as it should be.
  async function settled(asked) {
    try {
      const answer = await asked;
      return { status: answer.status, data: answer.data };
    } catch (problem) {
      if (!problem.response || problem.response.status < 300) throw problem;
      return { status: problem.response.status, data: problem.response.data };
    }
  }
  const get = ({ path, query }) => settled(client.chain(path).get({ params: query }));

  return {
    get,
    post: ({ path, body, headers }) => settled(client.chain(path).post(body, { headers })),
    // Its chained delete() drops a body; this is what stands behind the chain.
    delete: ({ path, body }) => settled(client.client.request(path, 'DELETE', body)),
    download: get,
    async serials() {
      const { data } = await get({ path: 'v3/certificates' });
      return { data: data.data.map((one) => one.serial_no) };
    },
    seal: ({ text }) => ({ data: Rsa.encrypt(text, platformKey) }),
    // What a handler of callbacks does with the head and the body as they came.
    open({ headers, body }) {
      const message = Formatter.response(headers['wechatpay-timestamp'], headers['wechatpay-nonce'], body);
      if (!Rsa.verify(message, headers['wechatpay-signature'], certs[headers['wechatpay-serial']])) throw new Error('bad signature');
      const { resource } = JSON.parse(body);
      return { data: JSON.parse(Aes.AesGcm.decrypt(resource.ciphertext, merchant.apiv3_key, resource.nonce, resource.associated_data)) };
    },
    upload({ path, meta, file }) {
      const form = new Multipart().append('meta', JSON.stringify(meta)).append('file', Buffer.from(file), meta.filename);
      return settled(client.chain(path).post(form.getBuffer(), { meta: form.toJSON(), headers: form.getHeaders() }));
    },
  };
};
