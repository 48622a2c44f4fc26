// Wakes a loop that waits for work. A ring while nobody waits is kept for the next wait.

import type { Clock } from '../lib/clock.ts';

/** For one waiter at a time. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, or when `signal` aborts. */
  rung(signal: AbortSignal): Promise<void>;
  /** Like `rung`, and no later than `instant`. True when it rang. */
  rungBefore(instant: number, clock: Pick<Clock, 'sleepUntil'>, signal: AbortSignal): Promise<boolean>;
}

export function createBell(): Bell {
  let isRung = false;
  let wake = () => {};

  async function rungBefore(instant: number, clock: Pick<Clock, 'sleepUntil'>, signal: AbortSignal) {
    const woken = new AbortController();
    wake = () => woken.abort();
    signal.addEventListener('abort', wake, { once: true });
    if (isRung || signal.aborted) wake();
    await clock.sleepUntil(instant, woken.signal);
    signal.removeEventListener('abort', wake);
    const rang = isRung;
    isRung = false;
    return rang;
  }

  return {
    ring() {
      isRung = true;
      wake();
    },
    async rung(signal) {
      await rungBefore(Number.POSITIVE_INFINITY, { sleepUntil: untilAborted }, signal);
    },
    rungBefore,
  };
}

function untilAborted(_instant: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
