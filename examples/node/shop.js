'use strict';
// A small shop: an order is placed and paid, refunded in part, and found in the day's bill. node shop.js DATA/demo.env
const crypto = require('node:crypto');
const { once } = require('node:events');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { Wechatpay, Rsa, Aes, Formatter } = require('wechatpay-axios-plugin');

const SHARING = 'v3/global/profit-sharing';
const MINUTES_5 = 300;

// `party` names the merchant, as orders and refunds do; here an institution and its sub-merchant. `certificates` are the platform's,
// by serial number: a real shop loads them from v3/certificates, again whenever it meets a number that it does not know.
class Shop {
  constructor({ baseURL, serial, privateKey, apiv3Key, certificates, party }) {
    Object.assign(this, { apiv3Key, certificates, party });
    this.pay = new Wechatpay({ baseURL, mchid: party.sp_mchid, serial, privateKey, certs: certificates });
    this.seen = new Set(); // of notifications; a real shop keeps it in its database, with what it does about them
    this.events = [];
  }

  async post(target, body) {
    return (await this.pay.chain(target).post(body)).data;
  }

  async get(target, params) {
    return (await this.pay.chain(target).get({ params })).data;
  }

  // What is to be put into a QR code. Marked first, so that its money can be distributed and its refunds are in the bill.
  async order(number, total) {
    await this.post(`${SHARING}/transactions/mark`, { sub_mchid: this.party.sub_mchid, out_trade_no: number, currency: 'CNY' });
    const placed = await this.post('v3/global/transactions/native', {
      ...this.party, sp_appid: 'wx8888888888888888', out_trade_no: number, description: 'apples', trade_type: 'NATIVE',
      merchant_category_code: '1011', notify_url: this.notifyUrl, amount: { total, currency: 'CNY' },
    });
    return placed.code_url;
  }

  // If the outcome is unknown (no answer, 5xx), repeat it with the same number: it is done once.
  refund(number, outTradeNo, amount, total) {
    return this.post('v3/global/refunds', {
      ...this.party, sp_appid: 'wx8888888888888888', out_trade_no: outTradeNo, out_refund_no: number, reason: 'one was bruised',
      notify_url: this.notifyUrl, amount: { refund: amount, total, currency: 'CNY' },
    });
  }

  queryRefund(number) {
    return this.get(`v3/global/refunds/out-refund-no/${number}`, this.party);
  }

  async refundBill(day) {
    const link = await this.get(`${SHARING}/refunds/bill-download-url`, { sub_mchid: this.party.sub_mchid, bill_date: day });
    const url = new URL(link.download_url);
    return this.get(url.pathname.slice(1), Object.fromEntries(url.searchParams));
  }

  // The notification, its resource opened; undefined if it is not the platform's. `body` is the text as it came.
  open(headers, body) {
    const { 'wechatpay-timestamp': timestamp, 'wechatpay-nonce': nonce, 'wechatpay-serial': serial, 'wechatpay-signature': signature } = headers;
    if (!timestamp || Math.abs(Date.now() / 1000 - timestamp) > MINUTES_5 || !nonce || !signature || !this.certificates[serial]) return undefined;
    if (!Rsa.verify(Formatter.response(timestamp, nonce, body), signature, this.certificates[serial])) return undefined;
    const notification = JSON.parse(body);
    const { ciphertext, nonce: iv, associated_data: aad } = notification.resource;
    return { ...notification, resource: JSON.parse(Aes.AesGcm.decrypt(ciphertext, this.apiv3Key, iv, aad)) };
  }

  // The HTTP status for a callback. Each notification counts once, however often it comes.
  notified(headers, body) {
    const notification = this.open(headers, body);
    if (!notification) return 401;
    const { id, event_type: kind, resource } = notification;
    const ours = resource.sp_mchid === this.party.sp_mchid && resource.sub_mchid === this.party.sub_mchid;
    if (!ours || this.seen.has(id)) return 200; // an institution has one address for all its sub-merchants
    this.seen.add(id);
    this.events.push([kind, resource]);
    return 200;
  }

  // A receiver of callbacks on a free port.
  async listen() {
    const server = http.createServer(async (request, response) => {
      const pieces = [];
      for await (const piece of request) pieces.push(piece);
      let status = 500; // then it comes again
      try {
        status = this.notified(request.headers, Buffer.concat(pieces).toString('utf8'));
      } catch (problem) {
        console.error(problem);
      }
      response.writeHead(status).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.notifyUrl = `http://127.0.0.1:${server.address().port}/notify`;
  }
}

// What only Fenzhang has: a payer and a clock that do as they are told.
class Sandbox {
  constructor(controlUrl) {
    this.url = controlUrl;
  }

  async call(target, members) {
    const answer = await fetch(this.url + target, members && {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(members),
    });
    if (!answer.ok) throw new Error(`${target}: ${await answer.text()}`);
    return answer.json();
  }

  // To 10:00 of the next day, when today's bills are out. Gives today. Book time is written as Beijing's.
  async nextDay() {
    const today = (await this.call('/clock')).now.slice(0, 10);
    const tomorrow = new Date(Date.parse(`${today}T00:00:00Z`) + 24 * 3600 * 1000).toISOString().slice(0, 10);
    await this.call('/clock', { now: `${tomorrow}T10:00:00+08:00` });
    return today;
  }
}

function read(demoEnv) {
  const lines = fs.readFileSync(demoEnv, 'utf8').replaceAll("'", '').trim().split('\n');
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

async function main(demoEnv) {
  const env = read(demoEnv);
  const sandbox = new Sandbox(env.CONTROL_URL);
  const shop = new Shop({
    baseURL: `${env.BASE_URL}/`,
    serial: env.SERIAL_NO,
    privateKey: fs.readFileSync(env.PRIVATE_KEY_PEM),
    apiv3Key: env.APIV3_KEY,
    certificates: { [path.basename(env.PLATFORM_CERT_PEM, '.pem')]: fs.readFileSync(env.PLATFORM_CERT_PEM) },
    party: { sp_mchid: env.MCHID, sub_mchid: env.SUB_MCHID },
  });
  await shop.listen();
  const [trade, refund] = ['T', 'R'].map((letter) => letter + crypto.randomBytes(8).toString('hex'));

  console.log('ordered:', (await shop.order(trade, 10000)).split(':')[0]);
  await sandbox.call(`/payments/${trade}/pay`, { mchid: env.MCHID, callbacks: 'wait' }); // until the shop has handled it
  const [payment, paid] = shop.events.at(-1);
  console.log('called back:', payment, paid.trade_state, paid.amount.total);
  console.log('refund accepted:', (await shop.refund(refund, trade, 3000, 10000)).amount.refund);
  await sandbox.call('/clock', { advance: 'PT20M' }); // this waits for callbacks anyway
  const [refunding, refunded] = shop.events.at(-1);
  console.log('called back:', refunding, refunded.refund_status, refunded.amount.refund);
  console.log('queried:', (await shop.queryRefund(refund)).status);
  const today = await sandbox.nextDay();
  const lines = (await shop.refundBill(today)).split('\r\n').filter((line) => line.includes(refund));
  console.log('in the bill:', lines.length, 'line; notifications:', shop.seen.size);
}

main(...process.argv.slice(2)).then(() => process.exit(0), (problem) => {
  console.error(problem);
  process.exit(1);
});
