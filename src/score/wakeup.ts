// Waiting for the next turn: until a hint comes or the poll interval has passed. A hint only saves
// waiting; one that comes during a turn counts for the wait that follows.

import { sleep } from '../lib/clock.ts';

export interface Wakeup {
  hint(): void;
  /** Resolves at the next hint, at once when there was one since the last wait, or after `ms`. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export function createWakeup(): Wakeup {
  let isHinted = false;
  let wake: (() => void) | undefined;
  return {
    hint() {
      isHinted = true;
      wake?.();
    },
    async wait(ms, signal) {
      if (!isHinted) {
        const hinted = new AbortController();
        wake = () => hinted.abort();
        await sleep(ms, AbortSignal.any([signal, hinted.signal]));
        wake = undefined;
      }
      isHinted = false;
    },
  };
}
