// The database's clock, for those who compare theirs with it. No number may depend on it.

import type { Session } from './connect.ts';

/** Unix seconds now, by the database. Takes a round trip. */
export async function readDatabaseClock(db: Session): Promise<number> {
  const [row] = await db.query<{ now: number }>({ name: 'database_clock', text: 'select clock_timestamp() as now' });
  if (row === undefined) throw new Error('Cannot read the clock of the database: it returned nothing');
  return row.now;
}
