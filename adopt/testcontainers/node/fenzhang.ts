// A module of Testcontainers: Fenzhang in a container for a suite of tests. Copy this file; it needs the package `testcontainers`.
//
// The image is made by packaging/oci/build and loaded by `docker load --input`, or comes from a registry of yours.
//
//     const world = await new FenzhangContainer('fenzhang:0.1.0').start();
//     const { transaction_id } = await world.pay(10000);
//     const client = myClient(world.baseUrl, await world.env(), await world.file('PRIVATE_KEY_PEM'));
//     await client.refund(transaction_id, 1000);
//     await world.advance('PT20M');
//     await world.reset(); // before the next test
//     await world.stop();
//
// The control interface stays inside the container, where nobody else reaches it: its calls are the program's own commands (docs/local.md).
import { AbstractStartedContainer, GenericContainer, Wait } from 'testcontainers';

const API = 8080;
const PROXY = 3128;
const DEMO = '/data/fenzhang/demo.env';

export class FenzhangContainer extends GenericContainer {
  // `options` are more ones of `fenzhang serve`.
  constructor(image: string, ...options: string[]) {
    super(image);
    this.withExposedPorts(API, PROXY)
      .withEnvironment({ FENZHANG_ENV: DEMO })
      .withCommand([
        'serve', '--demo', '--seed', '1', '--limits', 'off', '--listen', `0.0.0.0:${API}`, '--proxy', `0.0.0.0:${PROXY}`, '--proxy-remote',
        '--callback-to', 'private', ...options,
      ])
      .withWaitStrategy(Wait.forLogMessage(/^ready api=/m));
  }

  override async start(): Promise<StartedFenzhangContainer> {
    return new StartedFenzhangContainer(await super.start());
  }
}

export interface Payment {
  transaction_id: string;
  out_trade_no: string;
}

export class StartedFenzhangContainer extends AbstractStartedContainer {
  get baseUrl(): string {
    return `http://${this.getHost()}:${this.getMappedPort(API)}`;
  }

  // For HTTPS_PROXY: leads the vendor's own hosts here, for clients that have them built in. They trust `caCertificate()`.
  get proxyUrl(): string {
    return `http://${this.getHost()}:${this.getMappedPort(PROXY)}`;
  }

  // A command of the program: what it prints.
  async command(...words: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.exec(['fenzhang', ...words]);
    if (exitCode !== 0) throw new Error(`fenzhang ${words.join(' ')}: ${stderr.trim()}`);
    return stdout;
  }

  caCertificate(): Promise<string> {
    return this.command('ca');
  }

  // All names of the demo book: MCHID, SERIAL_NO, TRANSACTION_ID ... Paths are inside the container.
  async env(): Promise<Record<string, string>> {
    return JSON.parse(await this.command('env', '--json'));
  }

  // What a name of env() is the file of: PRIVATE_KEY_PEM, PLATFORM_CERT_PEM ...
  async file(name: string): Promise<string> {
    const path = (await this.env())[name];
    if (path === undefined) throw new Error(`the demo book has no ${name}`);
    const archive: Buffer[] = [];
    for await (const piece of await this.copyArchiveFromContainer(path)) archive.push(Buffer.from(piece));
    return firstOfTar(Buffer.concat(archive));
  }

  // A paid order of so many fen, of the institution's sub-merchant; options as of `fenzhang pay`, '--marked'.
  async pay(amount: number, ...options: string[]): Promise<Payment> {
    return JSON.parse(await this.command('pay', String(amount), ...options, '--json'));
  }

  // Moves the clock on ('PT20M', 'P1D'): all that falls due happens, callbacks too. Gives the time then, as RFC 3339.
  async advance(duration: string): Promise<string> {
    return JSON.parse(await this.command('clock', 'advance', duration, '--json')).now;
  }

  // Back to the book as it was created, with the same keys.
  async reset(): Promise<void> {
    await this.command('reset');
  }
}

// A tar archive is a header of 512 bytes, with the size in octal digits from byte 124 on, and the file behind it.
function firstOfTar(archive: Buffer): string {
  const size = Number.parseInt(archive.toString('ascii', 124, 136), 8);
  return archive.toString('utf8', 512, 512 + size);
}
