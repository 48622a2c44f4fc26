// Partitions are days: the UTC day of a round's `resolvableAt`. Made once for each day and process.

import type { Session } from '../connect.ts';

/** `2025-06-01` for any instant of that UTC day. */
export function dayOf(instant: number): string {
  return new Date(Math.floor(instant) * 1000).toISOString().slice(0, 10);
}

/** Makes sure that the partitions of these instants' days are there, outside any transaction. */
export function createDays(db: Session): (instants: Iterable<number>) => Promise<void> {
  const known = new Set<string>();
  return async (instants) => {
    for (const day of new Set([...instants].map(dayOf))) {
      if (known.has(day)) continue;
      await db.query({ name: 'ensure_day', text: 'select ensure_day($1)' }, [day]);
      if (known.size > 1_000) known.clear(); // a replay of years
      known.add(day);
    }
  };
}
