/** Who calls the API; keys and certificates are PEM texts. */
export interface Merchant {
  mchid: string;
  /** Of the institution alone. */
  subMchid?: string;
  serialNo: string;
  appid: string;
  apiv3Key: string;
  privateKey: string;
  certificate: string;
  platformSerialNo: string;
  platformCertificate: string;
}

/** A member of the control interface's JSON; docs/control.md has all of them. */
type Members = Record<string, unknown>;

export interface Payment {
  transaction_id: string;
  out_trade_no: string;
  amount: number;
  currency: string;
  marked: boolean;
  success_time: string;
}

/** A server that runs: where it is, who calls it, and the world outside it. */
export class World {
  static start(directory: string, options: string[]): Promise<World>;
  readonly baseUrl: string;
  readonly controlUrl: string;
  readonly proxyUrl: string;
  readonly caFile: string;
  readonly directory: string;
  readonly data: string;
  readonly env: Record<string, string>;
  readonly environment: Record<string, string>;
  readonly merchant: Merchant;
  readonly directMerchant: Merchant;
  control(target: string, members?: Members, method?: string): Promise<any>;
  pay(amount: number, members?: Members): Promise<Payment>;
  payOrder(outTradeNo: string, members?: Members): Promise<Payment>;
  advance(duration: string): Promise<string>;
  moveTo(time: string): Promise<string>;
  now(): Promise<string>;
  fault(members: Members): Promise<any>;
  audit(): Promise<any>;
  log(): string;
  stop(): Promise<void>;
}

/** What is used of node:test's; where `after` is missing, stop the world yourself. */
export interface TestContext {
  after?(end: () => Promise<void>): void;
  diagnostic?(message: string): void;
  readonly passed?: boolean;
}

export interface Base {
  fork(t?: TestContext): Promise<World>;
}

export const fenzhang: {
  (t?: TestContext): Promise<World>;
  base(how?: { book?: string[]; options?: string[]; prepare?: (world: World) => unknown }): Base;
};

export function findProgram(): string;
