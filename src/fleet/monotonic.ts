// Wall time that never jumps, for deadlines and latencies. Market time has no business here.

/** Milliseconds on the machine's monotonic clock, with a fraction. The same clock in every thread. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** The longest wait a timer can hold (24 days); with more, Node's timers fire at once. Longer means "for ever". */
export const timerMaxMs = 2 ** 31 - 1;
