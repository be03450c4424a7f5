'use strict';
// The life of a distributed order, by one client library: node life.js CLIENT DEMO_ENV [direct]. Says each step; ends with status 1 at the first
// that is not as it has to be. Amounts are worked out by hand: 10 000 fen, fee 0.6 % = 60.
const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');

const [, , clientName, demoEnv, mode] = process.argv;
const direct = mode === 'direct';

const env = Object.fromEntries(fs.readFileSync(demoEnv, 'utf8').split('\n').filter(Boolean).map((line) => {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1).replace(/^'(.*)'$/, '$1')];
}));
const of = (name) => env[(direct ? 'DIRECT_' : '') + name];
const file = (name) => fs.readFileSync(of(name), 'utf8');

const merchant = {
  mchid: of('MCHID'),
  serial: of('SERIAL_NO'),
  privateKey: file('PRIVATE_KEY_PEM'),
  certificate: Buffer.from(file('CERTIFICATE_PEM')),
  apiv3Key: of('APIV3_KEY'),
  platformCertificate: file('PLATFORM_CERT_PEM'),
  platformSerial: path.basename(of('PLATFORM_CERT_PEM'), '.pem'),
};
const client = require(`./${clientName}`)(merchant);

// Institutional mode names the sub-merchant in a distribution; orders and refunds name both.
const child = direct ? {} : { sub_mchid: env.SUB_MCHID };
const party = direct ? { mchid: merchant.mchid } : { sp_mchid: merchant.mchid, ...child };
const withAppid = { ...party, [direct ? 'appid' : 'sp_appid']: 'wx8888888888888888' };
const number = (letter) => `${letter}${Date.now()}${process.pid}`;

async function control(method, call, body) {
  const answer = await fetch(env.CONTROL_URL + call, {
    method, headers: { 'Content-Type': 'application/json' }, body: body && JSON.stringify(body),
  });
  const said = await answer.json();
  assert.equal(answer.status, 200, JSON.stringify(said));
  return said;
}
const later = (duration) => control('POST', '/clock', { advance: duration });

function done(step, answer, status = 200) {
  assert.equal(answer.status, status, `${step}: ${JSON.stringify(answer.data)}`);
  console.log(`${step}: ${status}`);
  return answer.data;
}

// Callbacks as they come: head, body, and what the library made of them.
const callbacks = [];
async function receive(request, response) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  try {
    const body = Buffer.concat(pieces).toString('utf8');
    callbacks.push({ type: JSON.parse(body).event_type, content: await client.open(request.headers, body) });
    response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"code":"SUCCESS","message":"成功"}');
  } catch (problem) {
    callbacks.push({ problem });
    response.writeHead(500).end();
  }
}
async function callback(type) {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = callbacks.find((one) => one.type === type || one.problem);
    if (found && found.problem) throw found.problem;
    if (found) {
      console.log(`callback ${type}: verified and opened`);
      return found.content;
    }
    await new Promise((wake) => { setTimeout(wake, 50); });
  }
  throw new Error(`no callback ${type}`);
}

const SHARING = 'v3/global/profit-sharing';

async function placeAndPay(notifyUrl) {
  const outTradeNo = number('T');
  done('mark', await client.post(`${SHARING}/transactions/mark`, { ...child, out_trade_no: outTradeNo, currency: 'CNY' }), 204);
  const order = {
    ...withAppid, description: '苹果 apples', notify_url: notifyUrl, out_trade_no: outTradeNo, trade_type: 'NATIVE',
    merchant_category_code: '1011', amount: { total: 10000, currency: 'CNY' },
  };
  const placed = done('native order', await client.post('v3/global/transactions/native', order));
  assert.match(placed.code_url, /^weixin:/);
  await control('POST', `/payments/${outTradeNo}/pay`, { mchid: merchant.mchid });
  const paid = await callback('TRANSACTION.SUCCESS');
  assert.equal(paid.out_trade_no, outTradeNo);
  assert.equal(paid.trade_state, 'SUCCESS');
  assert.equal(paid.amount.total, 10000);
  const found = done('order by number', await client.get(`v3/global/transactions/out-trade-no/${outTradeNo}`, { query: party }));
  assert.equal(found.trade_state, 'SUCCESS');
  done('order by id', await client.get(`v3/global/transactions/id/${found.id}`, { query: party }));
  return found.id;
}

// Papers, by the library that can upload: the signature covers `meta` alone.
async function papers() {
  if (!client.upload) return {};
  const letter = Buffer.from('%PDF-1.4 an application letter');
  const meta = { filename: 'letter.pdf', sha256: crypto.createHash('sha256').update(letter).digest('hex') };
  const uploaded = done('upload', await client.upload('v3/global/merchant-storage/file/upload', meta, letter));
  return { application_file_id: uploaded.file_id };
}

async function addReceiver() {
  const receiver = { ...child, type: 'MERCHANT_ID', account: number('').slice(0, 10) };
  const added = done('add receiver', await client.post(
    `${SHARING}/receivers`, { ...receiver, ...await papers(), name: await client.seal('深圳市某某供应商'), relation_type: 'SUPPLIER' },
    { headers: { 'Wechatpay-Serial': merchant.platformSerial } },
  ));
  assert.equal(added.state, 'INIT');
  await later('PT1M');
  const { account, ...query } = receiver;
  const found = done('query receiver', await client.get(`${SHARING}/receivers/${account}`, { query }));
  assert.equal(found.state, 'EFFECTIVE');
  return receiver;
}

async function share(transactionId, receiver) {
  const amounts = () => client.get(`${SHARING}/transactions/${transactionId}/amounts`, { query: child });
  assert.equal(done('amounts', await amounts()).unsplit_amount, 9940);
  const outOrderNo = number('S');
  const slice = { currency: 'CNY', type: receiver.type, account: receiver.account, amount: 2000, description: '仓库 fee' };
  const accepted = done('distribute', await client.post(`${SHARING}/orders`, {
    ...child, transaction_id: transactionId, out_order_no: outOrderNo, receivers: [slice], unfreeze_unsplit: false,
  }));
  assert.equal(accepted.state, 'PROCESSING');
  await later('PT2M');
  const query = { ...child, transaction_id: transactionId };
  const finished = done('query distribution', await client.get(`${SHARING}/orders/${outOrderNo}`, { query }));
  assert.deepEqual([finished.state, finished.receivers[0].result], ['FINISHED', 'SUCCESS']);
  assert.equal(done('amounts', await amounts()).unsplit_amount, 7940);
  const refundable = done('refundable amounts', await client.get(`${SHARING}/transactions/${transactionId}/refundable-amounts`, { query: child }));
  assert.deepEqual([refundable.refundable_amount, refundable.funds_refundable_amount], [7988, 2012]);
}

async function giveBack(transactionId, notifyUrl) {
  const outRefundNo = number('R');
  const request = {
    ...withAppid, transaction_id: transactionId, out_refund_no: outRefundNo, reason: '退货', notify_url: notifyUrl,
    amount: { refund: 1000, total: 10000, currency: 'CNY', from: [{ fund_source: 'ORDER_REFUNDABLE_BALANCE', amount: 1000 }] },
  };
  const accepted = done('refund', await client.post('v3/global/refunds', request));
  assert.equal(done('the same refund again', await client.post('v3/global/refunds', request)).id, accepted.id);
  await later('PT20M');
  const event = await callback('REFUND.SUCCESS');
  assert.deepEqual([event.out_refund_no, event.refund_id, event.refund_status], [outRefundNo, accepted.id, 'SUCCESS']);
  const byId = done('refund by id', await client.get(`v3/global/refunds/id/${accepted.id}`, { query: party }));
  const byNumber = done('refund by number', await client.get(`v3/global/refunds/out-refund-no/${outRefundNo}`, { query: party }));
  assert.deepEqual(byId, byNumber);
  assert.deepEqual([byId.status, byId.amount.refund], ['SUCCESS', 1000]);
  const all = done('refunds of the order', await client.get('v3/global/refunds', { query: { ...party, transaction_id: transactionId, offset: 0, count: 10 } }));
  assert.equal(all.total_num, 1);
  const refused = done('a refund above what is left', await client.post('v3/global/refunds', {
    ...request, out_refund_no: number('X'), amount: { ...request.amount, refund: 9001, from: undefined },
  }), 400);
  assert.equal(refused.code, 'INVALID_REQUEST');
}

async function release(transactionId) {
  const outOrderNo = number('U');
  done('unfreeze', await client.post(`${SHARING}/orders/unfreeze`, {
    ...child, transaction_id: transactionId, out_order_no: outOrderNo, description: 'the rest',
  }));
  await later('PT2M');
  const query = { ...child, transaction_id: transactionId };
  assert.equal(done('query unfreezing', await client.get(`${SHARING}/orders/${outOrderNo}`, { query })).state, 'FINISHED');
  assert.equal(done('amounts', await client.get(`${SHARING}/transactions/${transactionId}/amounts`, { query: child })).unsplit_amount, 0);
  // 9940 - 2000 - the refund's net of 1000 - 6
  const balance = done('advance balance', await client.get(`${SHARING}/refunds/refundable-balance`));
  assert.equal(balance.sponsor_mchid, merchant.mchid);
  assert.ok(balance.balance >= 6946, `advance balance ${balance.balance}`);
}

async function bills() {
  for (const kind of ['refunds/bill-download-url', 'bill-download-url']) {
    const link = await client.get(`${SHARING}/${kind}`, { query: { ...child, bill_date: env.BILL_DATE } });
    if (link.status === 400 && link.data.code === 'NO_STATEMENT_EXIST' && kind === 'bill-download-url') continue;
    const url = new URL(done(kind, link).download_url);
    const text = done('bill file', await client.get(url.pathname.slice(1), { query: Object.fromEntries(url.searchParams) }));
    assert.match(String(text), kind === 'bill-download-url' ? /create_time/ : /Refund apply time,/);
  }
}

async function main() {
  const server = http.createServer(receive).listen(0, '127.0.0.1');
  await new Promise((ready) => { server.once('listening', ready); });
  const notifyUrl = `http://127.0.0.1:${server.address().port}/callback`;
  const listed = client.certificates ? await client.certificates() : done('certificates', await client.get('v3/certificates')).data;
  assert.deepEqual(listed.map((one) => one.serial_no), [merchant.platformSerial]);
  const transactionId = await placeAndPay(notifyUrl);
  const freezing = done('amounts while freezing', await client.get(`${SHARING}/transactions/${transactionId}/amounts`, { query: child }), 500);
  assert.equal(freezing.code, 'SYSTEM_ERROR');
  await later('PT5M');
  const receiver = await addReceiver();
  await share(transactionId, receiver);
  await giveBack(transactionId, notifyUrl);
  await release(transactionId);
  done('delete receiver', await client.del(`${SHARING}/receivers`, receiver), 204);
  await bills();
  server.close();
  server.closeAllConnections();
}

main().catch((problem) => {
  console.error(problem);
  process.exit(1);
});
