// Market time. Horizons, windows and schedules run on it; model timeouts always run on wall time. Nothing
// else in the program reads the ambient clock.

/** Instants are unix seconds, with a fraction. */
export interface Clock {
  now(): number;
  /** Resolves when market time has reached `instant`, or early (without throwing) when `signal` aborts. */
  sleepUntil(instant: number, signal: AbortSignal): Promise<void>;
}

/** Wall time, in seconds since the epoch. The one reader of the ambient clock. */
export function wallNow(): number {
  return Date.now() / 1000;
}

/** Market time that runs `speed` times as fast as wall time, from `startAt` on; the wall clock when both are left out. */
export function runningClock({ startAt, speed = 1 }: { startAt?: number; speed?: number } = {}): Clock {
  const wallStart = wallNow();
  const marketStart = startAt ?? wallStart;
  const now = () => marketStart + (wallNow() - wallStart) * speed;
  return {
    now,
    async sleepUntil(instant, signal) {
      // Timers drift and the wall clock may step, so sleep in pieces of at most a minute and look again.
      while (!signal.aborted && now() < instant) {
        await sleep(Math.min(60_000, Math.max(1, ((instant - now()) / speed) * 1000)), signal);
      }
    },
  };
}

/** Market time that stands still until it is set. For replay as fast as possible, and for tests. */
export function manualClock(startAt: number): Clock & { set(instant: number): void } {
  let current = startAt;
  const sleepers = new Set<{ instant: number; wake: () => void }>();
  return {
    now: () => current,
    sleepUntil(instant, signal) {
      if (current >= instant || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = () => {
          sleepers.delete(sleeper);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper = { instant, wake };
        sleepers.add(sleeper);
        signal.addEventListener('abort', wake, { once: true });
      });
    },
    set(instant) {
      current = instant;
      for (const sleeper of [...sleepers]) if (sleeper.instant <= instant) sleeper.wake();
    },
  };
}

/** Resolves after `ms` of wall time, or early (without throwing) when `signal` aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** Resolves when `signal` aborts; at once when it has. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
