// A database is written for one competition and one world.

import type { Competition } from '../domain/clock.ts';

/** @throws Error naming both, when a database is another competition's. */
export function refuseOther(there: Competition, wanted: Competition): void {
  for (const word of ['game', 'world'] as const) {
    if (there[word] !== wanted[word]) {
      throw new Error(
        `Cannot use the database: it was written for ${word} "${there[word]}", and this is ${word} "${wanted[word]}"; choose another with --data-dir, or begin anew with --reset`,
      );
    }
  }
}
