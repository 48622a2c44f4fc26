// How patient and how polite the Binance adapter is. Options so that tests are quick; wall time throughout.

export interface BinanceLimits {
  /** One HTTP request, body included. */
  readonly requestTimeoutMs: number;
  /** One page of candles with all its retries, longer than a used-up minute; then `history` throws and its caller tries again later. */
  readonly pageDeadlineMs: number;
  readonly attemptsMax: number;
  /** First wait before a retry; doubled each time, jittered. */
  readonly retryMs: number;
  /** Least time between starts of requests: 20 a second use 40 % of the 6,000 weight a minute allowed. */
  readonly requestSpacingMs: number;
  /** Used weight (of 6,000 a minute, as the exchange counts for our address) at which we wait for the next minute. */
  readonly weightMax: number;
  /** Pause after a 429 or 418 that does not say how long. */
  readonly banMs: number;
  readonly connectTimeoutMs: number;
  /** Candle updates come every 2 s for each symbol: this long without any is a dead stream. */
  readonly silenceMs: number;
  /** The exchange cuts at 24 h; we go first. */
  readonly connectionMaxMs: number;
  /** Least time between connects: at most 300 in 5 minutes, which is what the exchange allows. */
  readonly reconnectMs: number;
  readonly reconnectMaxMs: number;
  /** A connection that lived this long resets the backoff. */
  readonly steadyMs: number;
  /** A candle that has not come this long after its end is asked for over REST. Market seconds. */
  readonly lateSeconds: number;
}

export const defaultLimits: BinanceLimits = {
  requestTimeoutMs: 10_000,
  pageDeadlineMs: 90_000,
  attemptsMax: 6,
  retryMs: 500,
  requestSpacingMs: 50,
  weightMax: 4800,
  banMs: 60_000,
  connectTimeoutMs: 10_000,
  silenceMs: 10_000,
  connectionMaxMs: 23 * 3_600_000,
  reconnectMs: 1000,
  reconnectMaxMs: 30_000,
  steadyMs: 60_000,
  lateSeconds: 4,
};

/** `ms` doubled `times` times, at most `maxMs`, then between its half and its whole by `random` in [0, 1). */
export function backoffMs(ms: number, times: number, maxMs: number, random: () => number): number {
  return Math.min(maxMs, ms * 2 ** Math.min(times, 30)) * (0.5 + random() / 2);
}
