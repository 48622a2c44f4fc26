// Live candles from Binance: one loop keeps a WebSocket connection, another fills by REST what it missed
// (after each connect, when a candle arrives out of turn, and when one is late). Both hand to one bounded
// outbox, where each (asset, pricedAt) enters once.

import type { Price } from '../domain/price.ts';
import { type Clock, sleep } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { type Bell, createBell } from './bell.ts';
import { type BinanceLimits, backoffMs } from './binance-limits.ts';
import type { Candle } from './binance-messages.ts';
import type { BinanceRest } from './binance-rest.ts';
import { readBinanceStream } from './binance-stream.ts';
import { type Coverage, createCoverage } from './coverage.ts';
import type { UnknownShapes } from './unknown-shapes.ts';

export interface FollowBinanceOptions {
  readonly rest: BinanceRest;
  readonly streamUrl: string;
  readonly interval: string;
  readonly candleSeconds: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: BinanceLimits;
  readonly unknownShapes: UnknownShapes;
  readonly random: () => number;
  /** Written here, read by the feed's health. */
  readonly state: { connected: boolean; reconnects: number };
  /** Symbol of the exchange → asset. */
  readonly bySymbol: ReadonlyMap<string, string>;
  priceOf(asset: string, candle: Candle): Price;
  /** Begins with the newest candle that was complete then, which a history read just before may have missed. */
  readonly from: number;
}

const outboxMax = 50_000; // prices, about 5 MB; what does not fit is fetched again later
const batchMax = 4096;
const aheadSecondsMax = 60; // clocks differ by less; beyond it a stamp is nonsense, and would become the newest price

/** Closed candles until `signal` aborts. Never throws. */
export async function* followBinance(
  options: FollowBinanceOptions,
  signal: AbortSignal,
): AsyncGenerator<readonly Price[], void, undefined> {
  const { from, candleSeconds, bySymbol } = options;
  const begin = (Math.floor(from / candleSeconds) - 1) * candleSeconds;
  const coverage = new Map([...bySymbol.keys()].map((symbol) => [symbol, createCoverage(begin, candleSeconds)]));
  const outbox = createOutbox(options, coverage);
  const stop = new AbortController();
  const abort = () => stop.abort();
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  const fillNow = createBell();
  const loops = Promise.all([
    forever(options, stop.signal, () => keepConnected(options, outbox, fillNow, stop.signal)),
    forever(options, stop.signal, () => keepFilled(options, outbox, coverage, fillNow, stop.signal)),
  ]);
  try {
    while (!stop.signal.aborted) {
      const batch = outbox.drain();
      if (batch.length > 0) yield batch;
      else await outbox.bell.rung(stop.signal);
    }
  } finally {
    stop.abort();
    signal.removeEventListener('abort', abort);
    await loops;
  }
}

/** Runs a loop that should not fail; when it does all the same, says so and runs it again. */
async function forever({ limits, log }: FollowBinanceOptions, signal: AbortSignal, loop: () => Promise<void>) {
  while (!signal.aborted) {
    try {
      await loop();
      return;
    } catch (error) {
      log.error({ source: 'binance', err: error }, 'a loop of the feed failed, running it again');
      await sleep(limits.reconnectMaxMs, signal);
    }
  }
}

async function keepConnected(options: FollowBinanceOptions, outbox: Outbox, fillNow: Bell, signal: AbortSignal) {
  const { bySymbol, interval, streamUrl, state, limits, log, random } = options;
  if (bySymbol.size === 0) return;
  const streams = [...bySymbol.keys()].map((symbol) => `${symbol.toLowerCase()}@kline_${interval}`).join('/');
  const url = `${streamUrl}/stream?streams=${streams}`;
  const onOpen = () => {
    state.connected = true;
    log.info({ source: 'binance' }, 'connected');
    fillNow.ring();
  };
  const onClosedCandle = (symbol: string, candle: Candle) => {
    if (outbox.offer(symbol, candle) === 'hole') fillNow.ring();
  };
  for (let failures = 0; !signal.aborted; ) {
    const startedMs = performance.now();
    const { reason, retryAfterMs } = await readBinanceStream({ ...options, url, signal, onOpen, onClosedCandle });
    state.connected = false;
    if (signal.aborted) return;
    const livedMs = performance.now() - startedMs;
    failures = livedMs >= limits.steadyMs ? 0 : failures + 1;
    const backoff = backoffMs(limits.reconnectMs, failures, limits.reconnectMaxMs, random);
    const waitMs = Math.max(limits.reconnectMs, backoff, retryAfterMs);
    const about = { source: 'binance', reason, failures, waitMs: Math.round(waitMs) };
    if (failures === 0) log.info(about, 'connection ended, connecting again');
    else if (isWorthLogging(failures)) log.warn(about, 'connection failed, trying again');
    await sleep(waitMs, signal);
    if (signal.aborted) return;
    state.reconnects += 1;
  }
}

async function keepFilled(
  options: FollowBinanceOptions,
  outbox: Outbox,
  coverage: ReadonlyMap<string, Coverage>,
  fillNow: Bell,
  signal: AbortSignal,
): Promise<void> {
  const { candleSeconds, clock, limits, log } = options;
  // With candles of one second a look each second would be rude.
  const lookSeconds = Math.max(candleSeconds, limits.lateSeconds);
  const failures = new Map<string, number>(); // in a row, by symbol
  async function fillOne(symbol: string, from: number): Promise<void> {
    try {
      await fill(options, outbox, symbol, from, signal);
      failures.delete(symbol);
    } catch (error) {
      if (signal.aborted) return;
      const count = (failures.get(symbol) ?? 0) + 1;
      failures.set(symbol, count);
      if (!isWorthLogging(count)) return;
      log.warn({ source: 'binance', symbol, failures: count, err: error }, 'cannot fill a hole, trying again');
    }
  }
  while (!signal.aborted) {
    const lookAt =
      (Math.floor((clock.now() - limits.lateSeconds) / lookSeconds) + 1) * lookSeconds + limits.lateSeconds;
    const isRung = await fillNow.rungBefore(lookAt, clock, signal);
    if (signal.aborted) return;
    const late = [...coverage].filter(([, { knownUntil, hasHole }]) => {
      const wantedUntil = isRung || hasHole ? clock.now() : clock.now() - limits.lateSeconds;
      return Math.floor(wantedUntil / candleSeconds) * candleSeconds > knownUntil;
    });
    await Promise.all(late.map(([symbol, { knownUntil }]) => fillOne(symbol, knownUntil)));
  }
}

async function fill(
  { rest, clock }: FollowBinanceOptions,
  outbox: Outbox,
  symbol: string,
  from: number,
  signal: AbortSignal,
) {
  for await (const candles of rest.candles(symbol, from, clock.now(), signal)) {
    for (const candle of candles) if (outbox.offer(symbol, candle) === 'full') return;
    outbox.confirm(symbol, candles.at(-1)?.pricedAt ?? from);
  }
}

interface Outbox {
  readonly bell: Bell;
  /** `hole`: taken, and candles before it are missing. `full`: not taken, so that a later fill brings it again. */
  offer(symbol: string, candle: Candle): 'taken' | 'hole' | 'ignored' | 'full';
  confirm(symbol: string, pricedAt: number): void;
  drain(): readonly Price[];
}

function createOutbox(options: FollowBinanceOptions, coverage: ReadonlyMap<string, Coverage>): Outbox {
  const { bySymbol, clock, priceOf, unknownShapes } = options;
  const bell = createBell();
  let waiting: Price[] = [];
  return {
    bell,
    offer(symbol, candle) {
      const covered = coverage.get(symbol);
      const asset = bySymbol.get(symbol);
      if (covered === undefined || asset === undefined) {
        unknownShapes.note('a symbol that was not asked for', JSON.stringify({ symbol, ...candle }));
        return 'ignored';
      }
      if (candle.pricedAt > clock.now() + aheadSecondsMax) {
        unknownShapes.note('a candle from the future', JSON.stringify({ symbol, ...candle }));
        return 'ignored';
      }
      if (waiting.length >= outboxMax) return 'full';
      if (!covered.take(candle.pricedAt)) return 'ignored';
      waiting.push(priceOf(asset, candle));
      bell.ring();
      return covered.hasHole ? 'hole' : 'taken';
    },
    confirm: (symbol, pricedAt) => coverage.get(symbol)?.confirmUntil(pricedAt),
    drain() {
      const batch = waiting.slice(0, batchMax);
      waiting = waiting.slice(batchMax);
      return batch;
    },
  };
}

/** The first failures, then ever rarer: 1, 2, 4, 8, … */
function isWorthLogging(failures: number): boolean {
  return (failures & (failures - 1)) === 0;
}
