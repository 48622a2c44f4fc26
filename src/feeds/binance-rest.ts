// Complete candles from Binance over REST: paged, paced, retried within a deadline, obedient to 429 and 418.

import type { Clock } from '../lib/clock.ts';
import { sleep, wallNow } from '../lib/clock.ts';
import { type BinanceLimits, backoffMs } from './binance-limits.ts';
import { type Candle, parseKlines, shapeOfText } from './binance-messages.ts';
import type { UnknownShapes } from './unknown-shapes.ts';

export interface BinanceRestOptions {
  readonly baseUrl: string;
  /** `1m` or `1s`, the name of `candleSeconds`. */
  readonly interval: string;
  readonly candleSeconds: number;
  /** Tells which candles are complete. */
  readonly clock: Clock;
  readonly limits: BinanceLimits;
  readonly unknownShapes: UnknownShapes;
  readonly random: () => number;
}

export interface BinanceRest {
  /**
   * Complete candles with `from` < pricedAt ≤ `to`, ascending, a page at a time.
   * @throws Error when a page fails for good or past its deadline, and the signal's reason when it aborts.
   */
  candles(symbol: string, from: number, to: number, signal?: AbortSignal): AsyncIterable<readonly Candle[]>;
}

type Outcome =
  | { readonly type: 'page'; readonly candles: readonly Candle[]; readonly isLast: boolean }
  | { readonly type: 'again'; readonly reason: string }
  | { readonly type: 'refused'; readonly reason: string };

const pageRows = 1000; // the most the exchange gives
const bodyBytesMax = 4 * 1024 * 1024; // a page of 1,000 candles has about 0.2 MB
const retryAfterMaxMs = 3 * 86_400_000; // the longest ban the exchange announces

export function createBinanceRest(options: BinanceRestOptions): BinanceRest {
  const { baseUrl, interval, candleSeconds, clock, limits, unknownShapes, random } = options;
  // Pacing is shared by all callers of this feed: the exchange counts by address.
  let nextRequestAtMs = 0;
  let pausedUntilMs = 0;
  let pauseReason = '';

  async function* candles(symbol: string, from: number, to: number, signal?: AbortSignal) {
    let known = from;
    for (;;) {
      const complete = Math.floor(Math.min(to, clock.now()) / candleSeconds) * candleSeconds;
      if (!(complete > known)) return;
      const { candles, isLast } = await page(symbol, known, complete, signal);
      if (candles.length > 0) yield candles;
      known = candles.at(-1)?.pricedAt ?? complete;
      if (isLast) return;
    }
  }

  async function page(symbol: string, from: number, to: number, signal?: AbortSignal) {
    const url = urlOf(symbol, from, to);
    const deadlineMs = nowMs() + limits.pageDeadlineMs;
    let reason = 'no attempt was made';
    for (let attempt = 0; attempt < limits.attemptsMax; attempt += 1) {
      const waitMs = attempt === 0 ? 0 : backoffMs(limits.retryMs, attempt, limits.pageDeadlineMs, random);
      if (!(await waitForTurn(waitMs, deadlineMs, signal))) break;
      const outcome = await ask(url, from, to, Math.min(limits.requestTimeoutMs, deadlineMs - nowMs()), signal);
      signal?.throwIfAborted();
      if (outcome.type === 'page') return outcome;
      reason = outcome.reason;
      if (outcome.type === 'refused') break;
    }
    const pause =
      pausedUntilMs > nowMs()
        ? `; ${pauseReason}, asking again after ${isoOf(wallNow() * 1000 + pausedUntilMs - nowMs())}`
        : '';
    throw new Error(`Cannot read candles of ${symbol} from ${baseUrl}: ${reason}${pause}`);
  }

  /** Waits for spacing and pause. False, at once, when that would pass the deadline. */
  async function waitForTurn(waitMs: number, deadlineMs: number, signal?: AbortSignal): Promise<boolean> {
    const startMs = Math.max(nowMs() + waitMs, nextRequestAtMs);
    if (Math.max(startMs, pausedUntilMs) >= deadlineMs) return false;
    nextRequestAtMs = startMs + limits.requestSpacingMs;
    await sleep(startMs - nowMs(), signal);
    while (pausedUntilMs > nowMs()) {
      // Another caller may have been told to wait longer meanwhile.
      if (pausedUntilMs >= deadlineMs) return false;
      await sleep(pausedUntilMs - nowMs(), signal);
      signal?.throwIfAborted();
    }
    signal?.throwIfAborted();
    return true;
  }

  async function ask(url: string, from: number, to: number, leftMs: number, signal?: AbortSignal): Promise<Outcome> {
    const timeoutMs = Math.max(0, leftMs); // the deadline may have passed while others were waited for
    const stop = new AbortController();
    const abort = () => stop.abort(new Error('aborted'));
    const timer = setTimeout(() => stop.abort(new Error(`no answer within ${Math.round(timeoutMs)} ms`)), timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    try {
      const response = await fetch(url, { signal: stop.signal, redirect: 'error' });
      return judge(response, await readBounded(response), from, to);
    } catch (error) {
      return { type: 'again', reason: stop.signal.aborted ? String(stop.signal.reason.message) : reasonOf(error) };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  function judge(response: Response, text: string, from: number, to: number): Outcome {
    const { status, headers } = response;
    noteWeight(headers);
    if (status === 429 || status === 418) {
      pause(retryAfterMs(headers) ?? limits.banMs, `HTTP ${status}`);
      return { type: 'again', reason: `HTTP ${status}: ${excerpt(text)}` };
    }
    if (status !== 200) {
      const isTheirs = status >= 500 || status === 408 || status === 403; // 403 is their firewall, which forgets
      return { type: isTheirs ? 'again' : 'refused', reason: `HTTP ${status}: ${excerpt(text)}` };
    }
    const rows = parseKlines(text, candleSeconds);
    if (rows === null) {
      unknownShapes.note(`klines ${shapeOfText(text)}`, text);
      return { type: 'again', reason: `the answer is not a list of ${interval} candles: ${excerpt(text)}` };
    }
    // The last row may be a candle that is still moving. Ours and theirs both say when it is complete: with
    // our clock ahead, its price of the moment would pass for its close.
    const now = Math.min(clock.now(), dateOf(headers) ?? Number.POSITIVE_INFINITY);
    const candles = rows.filter(
      ({ pricedAt, closesAtMs }) => pricedAt > from && pricedAt <= to && pricedAt <= now && closesAtMs < now * 1000,
    );
    return { type: 'page', candles, isLast: rows.length < pageRows || candles.length === 0 };
  }

  /** Near the exchange's limit, waits for its next minute, which may begin a little after ours. */
  function noteWeight(headers: Headers): void {
    const used = Number(headers.get('x-mbx-used-weight-1m') ?? 0);
    if (used >= limits.weightMax) pause(61_000 - ((wallNow() * 1000) % 60_000), `used weight ${used}`);
  }

  function pause(ms: number, reason: string): void {
    if (nowMs() + ms <= pausedUntilMs) return;
    pausedUntilMs = nowMs() + ms;
    pauseReason = reason;
  }

  function urlOf(symbol: string, from: number, to: number): string {
    const url = new URL('/api/v3/klines', baseUrl);
    // The exchange selects by opening: a candle priced after `from` opens at the grid instant at or before it.
    url.searchParams.set('symbol', symbol);
    url.searchParams.set('interval', interval);
    url.searchParams.set('startTime', String(Math.max(0, Math.floor(from / candleSeconds) * candleSeconds * 1000)));
    url.searchParams.set('endTime', String((to - candleSeconds) * 1000));
    url.searchParams.set('limit', String(pageRows));
    return url.href;
  }

  return { candles };
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > bodyBytesMax) throw new Error(`the answer is longer than ${bodyBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** `Retry-After` in milliseconds, given in seconds or as a date; null when absent or unreadable. */
export function retryAfterMs(headers: { get(name: string): string | null }): number | null {
  const value = headers.get('retry-after');
  if (value === null) return null;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - wallNow() * 1000;
  return Number.isNaN(ms) ? null : Math.min(retryAfterMaxMs, Math.max(0, ms));
}

/** The exchange's clock, whole unix seconds; null when it does not say. */
function dateOf(headers: Headers): number | null {
  const instant = Date.parse(headers.get('date') ?? '') / 1000;
  return Number.isNaN(instant) ? null : instant;
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message} (${cause.message || (cause as NodeJS.ErrnoException).code})` : message;
}

function excerpt(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function isoOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Monotonic: a stepped wall clock must not hold requests back. */
function nowMs(): number {
  return performance.now();
}
