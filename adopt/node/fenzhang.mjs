// A Fenzhang of its own for each test: for node:test, and for whatever else runs tests in Node 18 or later. No dependencies.
//
// The program is looked for in this order: what the variable FENZHANG names; bin/fenzhang beside this file, where the package `fenzhang`
// has it; `fenzhang` in PATH. With the package, `import { fenzhang } from 'fenzhang'`; without it, copy this file (and fenzhang.d.mts).
//
//     test('a refund', async (t) => {
//       const world = await fenzhang(t); // ends with the test; of one that fails it tells what the server saw
//       const { out_trade_no } = await world.pay(10000);
//       const client = myClient(world.baseUrl, world.merchant); // mchid, serialNo, privateKey, apiv3Key ...
//       await client.refund(out_trade_no, 1000);
//       await world.advance('PT20M'); // the refund arrives, and its callback has been answered
//     });
//
// Each world is a fork of what is made once a process: the demo book of `--seed 1`, with `--limits off`. To begin with something else:
//
//     const base = fenzhang.base({
//       book: ['--demo', '--seed', '5'], options: ['--limits', 'real'], // of `fenzhang serve`: for the book, for every server
//       prepare: (world) => world.control('/merchants', { mchid: '1900000777', kind: 'direct', contract_date: '2025-01-01' }),
//     });
//     test('ours', async (t) => { const world = await base.fork(t); ... });
//
// With a runner that gives no such `t` (Vitest, Jest) call `await fenzhang()` and `await world.stop()`; nothing is left behind where that is
// forgotten.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const READY_WITHIN = 60_000; // milliseconds; it takes a fraction of it
const LINES_TOLD = 60; // of the server's log, when a test fails
const HOW = [
  '--listen', '127.0.0.1:0', '--control', '127.0.0.1:0', '--proxy', '127.0.0.1:0', '--lifeline', '--log-format', 'text',
];

export function findProgram() {
  const own = fileURLToPath(new URL('./bin/fenzhang', import.meta.url));
  return process.env.FENZHANG || (fs.existsSync(own) ? own : 'fenzhang');
}

// Directories of this process, removed with it.
const made = [];
process.once('exit', () => made.forEach((directory) => fs.rmSync(directory, { recursive: true, force: true })));

function makeDirectory() {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'fenzhang-'));
  made.push(directory);
  return directory;
}

// Who calls the API, as demo.env names it; keys and certificates are PEM texts.
function merchantOf(env, prefix) {
  const text = (name) => fs.readFileSync(env[prefix + name], 'utf8');
  return {
    mchid: env[`${prefix}MCHID`], subMchid: prefix ? undefined : env.SUB_MCHID, appid: env[`${prefix}APPID`],
    serialNo: env[`${prefix}SERIAL_NO`], privateKey: text('PRIVATE_KEY_PEM'), certificate: text('CERTIFICATE_PEM'),
    apiv3Key: env[`${prefix}APIV3_KEY`],
    platformSerialNo: env[`${prefix}PLATFORM_SERIAL_NO`], platformCertificate: text('PLATFORM_CERT_PEM'),
  };
}

// The first line says that it is ready; one that does not start ends without.
function ready(child) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not ready after ${READY_WITHIN} ms`)), READY_WITHIN);
    const settle = (outcome) => (value) => { clearTimeout(timer); outcome(value); };
    child.stdout.once('data', settle(resolve));
    child.once('error', settle(reject));
    child.once('close', settle((status) => reject(new Error(`it ended with status ${status}`))));
  });
}

export class World {
  static async start(directory, options) {
    const world = new World();
    world.directory = directory;
    world.data = path.join(directory, 'data');
    const file = path.join(directory, 'ready.json');
    const log = fs.openSync(path.join(directory, 'log'), 'w');
    const command = ['serve', ...options, ...HOW, '--data', world.data, '--ready-file', file];
    const { FENZHANG_CONTROL_TOKEN: _, ...env } = process.env; // another server's: the helper's calls bear none
    world.child = spawn(findProgram(), command, { stdio: ['pipe', 'pipe', log], env });
    fs.closeSync(log);
    try {
      await ready(world.child);
    } catch (problem) {
      world.child.kill('SIGKILL');
      const hint = `Is ${findProgram()} the program? FENZHANG names another.`;
      throw new Error(`fenzhang did not start, ${problem.message}. ${world.log() || hint}`);
    }
    for (const one of [world.child, world.child.stdin, world.child.stdout]) one.unref(); // Node may end, and with it the server
    const { api, control, proxy } = JSON.parse(fs.readFileSync(file, 'utf8'));
    const caFile = path.join(world.data, 'tls', 'ca_cert.pem');
    return Object.assign(world, { baseUrl: api, controlUrl: control, proxyUrl: proxy, caFile });
  }

  // Ends the server. What was acknowledged is in its data.
  async stop() {
    const { child } = this;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.ref();
    child.kill('SIGTERM');
    const [status] = await ended;
    if (status !== 0) throw new Error(`fenzhang ended with status ${status}: ${this.log()}`);
  }

  // What the server said: a line for each request and callback, whole once it has stopped.
  log() {
    return fs.readFileSync(path.join(this.directory, 'log'), 'utf8');
  }

  // All names of demo.env: MCHID, TRANSACTION_ID, BILL_DATE ...
  get env() {
    this.names ??= JSON.parse(execFileSync(findProgram(), ['env', '--data', this.data, '--json'], { encoding: 'utf8' }));
    return this.names;
  }

  // The institution, which calls for its sub-merchants.
  get merchant() {
    return merchantOf(this.env, '');
  }

  get directMerchant() {
    return merchantOf(this.env, 'DIRECT_');
  }

  // For programs that are started with them: the vendor's hosts lead here, and the certificate is trusted.
  get environment() {
    return { HTTPS_PROXY: this.proxyUrl, NO_PROXY: '127.0.0.1,localhost', NODE_EXTRA_CA_CERTS: this.caFile, SSL_CERT_FILE: this.caFile };
  }

  // A call of the control interface (docs/control.md): POST with members, else GET, unless another method is named. Gives what it answers.
  async control(target, members, method = members ? 'POST' : 'GET') {
    const body = members && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(members) };
    const answer = await fetch(this.controlUrl + target, { method, ...body });
    const said = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(`${target}: ${said.error}`), { status: answer.status });
    return said;
  }

  // A paid order of so many fen, of the institution's sub-merchant unless `mchid` names another. Gives its numbers.
  pay(amount, members = {}) {
    const whose = members.mchid ? {} : { mchid: this.env.MCHID, sub_mchid: this.env.SUB_MCHID };
    return this.control('/payments', { ...whose, amount, ...members });
  }

  // The payer pays an order that your code has placed; comes back when your code has answered the callback, if it wants one.
  payOrder(outTradeNo, members = {}) {
    return this.control(`/payments/${outTradeNo}/pay`, { callbacks: 'wait', ...members });
  }

  // Moves the clock on ('PT20M', 'P1D'): all that falls due happens, callbacks too. Gives the time then, as RFC 3339.
  async advance(duration) {
    return (await this.control('/clock', { advance: duration })).now;
  }

  async moveTo(time) {
    return (await this.control('/clock', { now: time })).now;
  }

  async now() {
    return (await this.control('/clock')).now;
  }

  // Requests go wrong from now on: { effect: 'reset', when: 'after', count: 1 }, { error: 'SYSTEM_ERROR' }
  fault(members) {
    return this.control('/faults', members);
  }

  // Re-adds the whole book; throws what does not hold.
  audit() {
    return this.control('/audit', {});
  }
}

function tell(t, world) {
  if (t.passed) return; // Node before 20.12 does not say: there it is told of every test
  const saw = world.log().trim() || 'no request';
  for (const line of ['What fenzhang saw:', ...saw.split('\n').slice(-LINES_TOLD)]) t.diagnostic(line);
}

// A book at rest that worlds begin with, made when the first one is asked for.
class Base {
  constructor({ book = ['--demo', '--seed', '1'], options = ['--limits', 'off'], prepare = () => {} } = {}) {
    Object.assign(this, { book, options, prepare });
  }

  async make() {
    const world = await World.start(makeDirectory(), [...this.book, ...this.options]);
    try {
      await this.prepare(world);
    } finally {
      await world.stop();
    }
    return world.data;
  }

  async fork(t) {
    this.data ??= this.make();
    const directory = makeDirectory();
    const world = await World.start(directory, ['--from', await this.data, ...this.options]);
    t?.after?.(async () => {
      await world.stop();
      tell(t, world);
      fs.rmSync(directory, { recursive: true });
    });
    return world;
  }
}

const demo = new Base();

export function fenzhang(t) {
  return demo.fork(t);
}
fenzhang.base = (how) => new Base(how);
