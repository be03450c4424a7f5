// An example: wechatpay-axios-plugin, unmodified, refunds a paid order, queries it, and reads the bill a day later.
//
//     npm install --save-dev fenzhang wechatpay-axios-plugin && node --test
import assert from 'node:assert/strict';
import test from 'node:test';
import { Wechatpay } from 'wechatpay-axios-plugin';
import { fenzhang } from './fenzhang.mjs';

const SHARING = 'v3/global/profit-sharing';

// Your own code, so to speak.
class Shop {
  constructor(baseUrl, { mchid, subMchid, serialNo, privateKey, platformSerialNo, platformCertificate }) {
    this.party = { sp_mchid: mchid, sub_mchid: subMchid };
    const certs = { [platformSerialNo]: platformCertificate };
    this.client = new Wechatpay({ baseURL: `${baseUrl}/`, mchid, serial: serialNo, privateKey, certs });
  }

  async get(target, params) {
    return (await this.client.chain(target).get({ params })).data;
  }

  async refund(order, number, amount, total) {
    const body = {
      ...this.party, sp_appid: 'wx8888888888888888', out_trade_no: order, out_refund_no: number,
      amount: { refund: amount, total, currency: 'CNY' },
    };
    return (await this.client.chain('v3/global/refunds').post(body)).data;
  }

  query(number) {
    return this.get(`v3/global/refunds/out-refund-no/${number}`, this.party);
  }

  async bill(day) {
    const url = new URL((await this.get(`${SHARING}/refunds/bill-download-url`, { bill_date: day })).download_url);
    return this.get(url.pathname.slice(1), Object.fromEntries(url.searchParams));
  }
}

test('a refund is in the bill of its day', async (t) => {
  const world = await fenzhang(t);
  const shop = new Shop(world.baseUrl, world.merchant);
  const { out_trade_no: order } = await world.pay(10000, { marked: true });
  assert.equal((await shop.refund(order, 'BRUISED1', 3000, 10000)).amount.refund, 3000);
  assert.equal((await shop.query('BRUISED1')).status, 'PROCESSING');

  const today = (await world.advance('PT20M')).slice(0, 10);
  assert.equal((await shop.query('BRUISED1')).status, 'SUCCESS');
  await world.advance('P1D'); // bills are out at 10:00 of the next day; the clock began at 10:00
  const lines = (await shop.bill(today)).split('\r\n').filter((line) => line.includes('BRUISED1'));
  assert.equal(lines.length, 1);
  assert.match(lines[0], /30\.00/);
  await world.audit();
});

test('a refund whose answer is lost is made once', async (t) => {
  const world = await fenzhang(t); // no test sees what another did: BRUISED1 is free again
  const shop = new Shop(world.baseUrl, world.merchant);
  const { out_trade_no: order } = await world.pay(10000);
  await world.fault({ effect: 'reset', when: 'after', endpoint: 'refund-submit', count: 1 });
  await assert.rejects(shop.refund(order, 'BRUISED1', 3000, 10000), { code: 'ECONNRESET' });
  assert.equal((await shop.refund(order, 'BRUISED1', 3000, 10000)).amount.refund, 3000);
});
