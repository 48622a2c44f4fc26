// Score may not write to predict's rounds, so it keeps a settlements row for each, made when the round's
// answers are in. The sweep finds those rounds without reading history.

import type { Session } from '../connect.ts';

export interface Sweep {
  /** Makes the missing rows. Cheap: it reads what was closed since the last call. */
  run(): Promise<void>;
  /** Closed rounds of older transactions all have their row. A transaction id, as text. */
  cursor(): string;
}

/**
 * Every round closed by a transaction that a look could not see yet has a `closed_xid` at or above that
 * look's oldest running transaction, whatever the order of commits. The cursor lives in memory: the first
 * look of a process takes in all rounds, so that a restored dump (other transaction ids) can't hide any.
 */
export function createSweep(db: Session): Sweep {
  let cursor = '0';
  return {
    async run() {
      const [row] = await db.query<{ cursor: string }>(
        {
          name: 'sweep',
          text: `with fresh as (
              insert into settlements (round_id, resolvable_at)
              select r.round_id, r.resolvable_at from rounds r where r.closed_xid >= $1::xid8
              on conflict do nothing
            )
            select pg_snapshot_xmin(pg_current_snapshot())::text as cursor`,
        },
        [cursor],
      );
      cursor = row?.cursor ?? cursor;
    },
    cursor: () => cursor,
  };
}
