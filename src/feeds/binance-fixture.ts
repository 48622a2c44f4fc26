// A Binance on loopback for tests: real HTTP and real WebSocket, speaking the contract's literal JSON.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Log } from '../lib/log.ts';

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A function computes it from the request; `never` leaves the request open. */
  readonly body?: string | 'never';
}

export interface FakeBinance {
  readonly restUrl: string;
  readonly streamUrl: string;
  /** REST requests so far, as paths with their query. */
  readonly requests: URL[];
  /** Answers taken, in order, instead of candles. */
  readonly replies: Reply[];
  /** HTTP statuses taken, in order, instead of WebSocket upgrades. */
  readonly refusals: Reply[];
  /** The newest opening (unix seconds) REST knows; it is returned even when `endTime` lies before it. */
  newestOpening: number;
  /** Openings REST has no candle for. */
  readonly missing: Set<number>;
  /** Headers of every REST answer. */
  headers: Record<string, string>;
  /** The next WebSocket connection, in the order they were made. */
  connection(): Promise<{ readonly path: string; readonly socket: WebSocket }>;
  close(): Promise<void>;
}

/** The close REST and `klineEvent` give the candle that opens at `opening`. */
export function closeAt(opening: number): string {
  return `${1000 + ((opening / 60) % 1000)}.50000000`;
}

/** A kline message of the combined stream, as the contract writes it. */
export function klineEvent(
  symbol: string,
  opening: number,
  { isClosed = true, close = closeAt(opening) } = {},
): string {
  const t = opening * 1000;
  const k = `{"t":${t},"T":${t + 59_999},"s":"${symbol}","i":"1m","f":100,"L":200,"o":"1000.10","c":"${close}","h":"1001.00","l":"999.00","v":"12.5","n":101,"x":${isClosed},"q":"12500.0","V":"6.0","Q":"6000.0","B":"0"}`;
  return `{"stream":"${symbol.toLowerCase()}@kline_1m","data":{"e":"kline","E":${t + 60_010},"s":"${symbol}","k":${k}}}`;
}

export async function startFakeBinance(newestOpening: number): Promise<FakeBinance> {
  const arrived: { path: string; socket: WebSocket }[] = [];
  const waiting: ((connection: { path: string; socket: WebSocket }) => void)[] = [];
  const server = createServer((request, response) => answer(request, response));
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, stream, head) => {
    const refusal = fake.refusals.shift();
    if (refusal !== undefined) {
      const headers = Object.entries(refusal.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
      stream.end(`HTTP/1.1 ${refusal.status} Refused\r\n${headers.join('')}Content-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, stream, head, (socket) => {
      const connection = { path: request.url ?? '', socket };
      const taker = waiting.shift();
      if (taker === undefined) arrived.push(connection);
      else taker(connection);
    });
  });

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://localhost');
    fake.requests.push(url);
    const { status = 200, headers = {}, body = klines(url) } = fake.replies.shift() ?? {};
    if (body === 'never') return;
    response.writeHead(status, { ...fake.headers, ...headers }).end(body);
  }

  function klines({ searchParams }: URL): string {
    const from = Math.ceil(Number(searchParams.get('startTime')) / 60_000) * 60;
    const limit = Math.min(1000, Number(searchParams.get('limit') ?? 500));
    const rows: string[] = [];
    for (let opening = from; opening <= fake.newestOpening && rows.length < limit; opening += 60) {
      if (fake.missing.has(opening)) continue;
      const t = opening * 1000;
      const row = `[${t},"1000.10","1001.00","999.00","${closeAt(opening)}","12.5",${t + 59_999},"12500.0",101,"6.0","6000.0","0"]`;
      rows.push(row);
    }
    return `[${rows.join()}]`;
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const fake: FakeBinance = {
    restUrl: `http://127.0.0.1:${port}`,
    streamUrl: `ws://127.0.0.1:${port}`,
    requests: [],
    replies: [],
    refusals: [],
    newestOpening,
    missing: new Set(),
    headers: {},
    connection() {
      const connection = arrived.shift();
      return connection === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(connection);
    },
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return fake;
}

/** A log whose records can be read. */
export function recordedLog(): { readonly log: Log; readonly records: Record<string, unknown>[] } {
  const records: Record<string, unknown>[] = [];
  const write = (record: string) => records.push(JSON.parse(record) as Record<string, unknown>);
  return { log: pino({ level: 'trace' }, { write }), records };
}
