// Brings a database to the schema this release knows, and tells when one is at another.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import type { Log } from '../lib/log.ts';
import { packageRoot } from '../lib/package-root.ts';
import type { Session } from './connect.ts';
import { grantRights } from './postgres/roles.ts';

const folder = join(packageRoot, 'migrations');
const table = 'migrations';
const lockKey = 0x6d696772; // "migr"; whoever comes second waits, then finds nothing to do

/**
 * Runs the migrations that the database lacks, all or none, then sets roles and rights anew.
 * @throws Error when the schema is newer than this release, or a migration fails.
 */
export async function migrate(url: string, log: Log): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'condor migrate',
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => {}); // the running statement rejects
  try {
    await client.connect();
    await client.query('select pg_advisory_lock($1)', [lockKey]);
    await refuseNewer(client);
    const { runner } = await import('node-pg-migrate'); // 0.1 s that workers, which only check, are spared
    const done = await runner({
      dbClient: client,
      dir: folder,
      direction: 'up',
      migrationsTable: table,
      singleTransaction: true,
      noLock: true, // ours covers the rights too
      logger: { debug: () => {}, info: () => {}, warn: (text) => log.warn(text), error: (text) => log.error(text) },
    });
    for (const { name } of done) log.info(`migrated the database: ${name}`);
    await client.query('begin');
    await grantRights(client, log);
    await client.query('commit');
  } catch (cause) {
    throw new Error(`Cannot migrate the database: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  } finally {
    client.end().catch(() => {});
  }
}

/**
 * Resolves when the database's schema is the one this release knows.
 * @throws Error naming both numbers when it isn't.
 */
export async function requireSchema(db: Session): Promise<void> {
  const [there, known] = [await schemaOf((text) => db.query<{ name: string }>(text)), await newestMigration()];
  if (there === known) return;
  const what = there === 0 ? 'it has no schema yet' : `its schema is number ${there}`;
  throw new Error(
    there < known
      ? `Cannot use the database: ${what}, and this release needs number ${known}; run "condor migrate"`
      : `Cannot use the database: ${what}, and this release knows up to number ${known}; install a newer release`,
  );
}

async function refuseNewer(client: pg.Client): Promise<void> {
  const there = await schemaOf(async (text) => (await client.query<{ name: string }>(text)).rows);
  const known = await newestMigration();
  if (there > known)
    throw new Error(
      `its schema is number ${there}, and this release knows up to number ${known}; install a newer release`,
    );
}

/** Number of the newest migration that was run; 0 for an empty database. */
async function schemaOf(query: (text: string) => Promise<{ name: string }[]>): Promise<number> {
  const tables = await query(`select to_regclass('public.${table}')::text as name`);
  if (!tables[0]?.name) return 0;
  return highest((await query(`select name from public.${table}`)).map(({ name }) => name));
}

async function newestMigration(): Promise<number> {
  return highest((await readdir(folder)).filter((name) => name.endsWith('.sql')));
}

/** The number a migration's name begins with, of the highest: `0002_retention.sql` → 2. */
function highest(names: readonly string[]): number {
  return Math.max(0, ...names.map((name) => Number.parseInt(name, 10)));
}
