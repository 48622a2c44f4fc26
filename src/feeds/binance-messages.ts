// What Binance says, checked at the door. Strict on purpose: none of it could be called while this was
// written, so whatever differs from the contract must show up as unknown, never as a price.

import { z } from 'zod';

/** One candle; `pricedAt` is its end, unix seconds. */
export interface Candle {
  readonly pricedAt: number;
  readonly price: number;
  /** The exchange's own last millisecond of the candle. */
  readonly closesAtMs: number;
}

export type StreamMessage =
  | { readonly type: 'candle'; readonly symbol: string; readonly isClosed: boolean; readonly candle: Candle }
  /** The server will go away in some minutes: connect anew. */
  | { readonly type: 'shutdown' }
  /** An answer to a request of ours (`{"result":null,"id":1}`). */
  | { readonly type: 'reply' }
  | { readonly type: 'unknown'; readonly shape: string };

const milliseconds = z.int().nonnegative();
const decimal = z.string().regex(/^\d{1,15}(\.\d{1,15})?$/);
const price = decimal.transform(Number).refine((value) => value > 0);

const klineEvent = z.object({
  e: z.literal('kline'),
  s: z.string(),
  k: z.object({ t: milliseconds, T: milliseconds, i: z.string(), c: price, x: z.boolean() }),
});
const shutdownEvent = z.object({ e: z.literal('serverShutdown') });
const reply = z.object({ result: z.null(), id: z.union([z.number(), z.string(), z.null()]) });
// [openTime, open, high, low, close, volume, closeTime, …]
const klineRows = z.array(
  z.tuple([milliseconds, decimal, decimal, decimal, price, decimal, milliseconds], z.unknown()),
);

/** Reads one WebSocket message: combined (`{"stream","data"}`) or raw. */
export function parseStreamMessage(text: string, interval: string, candleSeconds: number): StreamMessage {
  const message = parseJson(text);
  if (message === undefined) return { type: 'unknown', shape: 'not JSON' };
  const event = eventOf(message);
  const kline = klineEvent.safeParse(event);
  if (kline.success && kline.data.k.i === interval) {
    const { s: symbol, k } = kline.data;
    const candle = candleOf(k.t, k.T, k.c, candleSeconds);
    if (candle !== null) return { type: 'candle', symbol, isClosed: k.x, candle };
  }
  if (shutdownEvent.safeParse(event).success) return { type: 'shutdown' };
  if (reply.safeParse(message).success) return { type: 'reply' };
  return { type: 'unknown', shape: shapeOf(message) };
}

/** Reads a page of `GET /api/v3/klines`; null when it is anything but ascending candles on the grid. */
export function parseKlines(text: string, candleSeconds: number): readonly Candle[] | null {
  const rows = klineRows.safeParse(parseJson(text));
  if (!rows.success) return null;
  const candles: Candle[] = [];
  for (const [opensAtMs, , , , close, , closesAtMs] of rows.data) {
    const candle = candleOf(opensAtMs, closesAtMs, close, candleSeconds);
    if (candle === null || candle.pricedAt <= (candles.at(-1)?.pricedAt ?? 0)) return null;
    candles.push(candle);
  }
  return candles;
}

/** What a text is made of, without its values: `[[number,string]]`, `{e:"kline",k:{…}}`. For telling shapes apart. */
export function shapeOfText(text: string): string {
  const value = parseJson(text);
  return value === undefined ? 'not JSON' : shapeOf(value);
}

function candleOf(opensAtMs: number, closesAtMs: number, price: number, candleSeconds: number): Candle | null {
  if (opensAtMs % (candleSeconds * 1000) !== 0 || closesAtMs < opensAtMs) return null;
  return { pricedAt: opensAtMs / 1000 + candleSeconds, price, closesAtMs };
}

/** The event inside `{"stream","data"}` (streams) or `{"event"}` (the announcement's form in the WebSocket API). */
function eventOf(message: unknown): unknown {
  if (!(message instanceof Object)) return message;
  if ('stream' in message && 'data' in message) return message.data;
  return 'event' in message ? message.event : message;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // the caller counts and logs it as an unknown shape
  }
}

function shapeOf(value: unknown, depth = 0): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  if (depth === 4) return '…';
  if (Array.isArray(value))
    return `[${[...new Set(value.slice(0, 20).map((item) => shapeOf(item, depth + 1)))].join()}]`;
  const fields = Object.entries(value)
    .slice(0, 40)
    .map(([key, item]) => `${key}:${key === 'e' ? JSON.stringify(item) : shapeOf(item, depth + 1)}`);
  return `{${fields.join()}}`.slice(0, 1000);
}
