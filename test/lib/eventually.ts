// Waiting with a deadline and a reason. Nothing here waits for ever, and what fails says what it waited for.

import { setTimeout as sleep } from 'node:timers/promises';

export { sleep };

/**
 * The first value of `probe` that is neither null, undefined nor false, asked every 50 ms.
 * @throws Error saying what it waited for, and `hint()`, after `seconds`.
 */
export async function eventually<T>(
  what: string,
  seconds: number,
  probe: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  hint: () => string = () => '',
): Promise<T> {
  const until = performance.now() + seconds * 1000;
  let trouble = '';
  for (;;) {
    try {
      const value = await probe();
      if (value !== null && value !== undefined && value !== false) return value;
      trouble = '';
    } catch (error) {
      trouble = ` (${error instanceof Error ? error.message : String(error)})`;
    }
    if (performance.now() > until) throw new Error(`Not within ${seconds} s: ${what}${trouble}\n${hint()}`);
    await sleep(50);
  }
}
