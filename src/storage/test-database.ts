// Real databases for tests: one server a test process, a new migrated database a call. The server ends with
// the process however the process ends.

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import pg from 'pg';
import { silentLog } from '../lib/log.ts';
import type { Session } from './connect.ts';
import { type EmbeddedPostgres, removeEmbedded, startEmbeddedPostgres } from './embedded.ts';
import { migrate } from './migrate.ts';

let server: Promise<{ embedded: EmbeddedPostgres; dataDir: string }> | null = null;

// Registered here, where it belongs to the whole file; within a test it would run at that test's end.
after(async () => {
  if (server === null) return;
  const { embedded, dataDir } = await server;
  await embedded.stop();
  await removeEmbedded({ dataDir });
});

/**
 * A database with the newest schema and nothing in it. `t` may be a test's or a suite's context, or left
 * out; the database lives until the process ends.
 */
export async function freshDatabase(_t?: Pick<TestContext, 'name'>): Promise<{ readonly url: string }> {
  server ??= startServer();
  const { embedded } = await server;
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await administer(embedded.url, `create database ${name} template condor`);
  return { url: embedded.url.replace('/condor?', `/${name}?`) };
}

/** Takes every row out of a database, at a tenth of the cost of a new one. */
export async function emptyDatabase(db: Session): Promise<void> {
  const tables = await db.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'migrations'
     and not exists (select from pg_inherits where inhrelid = ('public.' || quote_ident(tablename))::regclass)`,
  );
  for (const { name } of tables) await db.query(`delete from ${name}`);
}

/** Database `condor` is migrated once, and is the template of all others. */
async function startServer(): Promise<{ embedded: EmbeddedPostgres; dataDir: string }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'condor-test-'));
  const embedded = await startEmbeddedPostgres({ dataDir, log: silentLog, durable: false });
  endWithUs(embedded.pid);
  await migrate(embedded.url, silentLog);
  return { embedded, dataDir };
}

/** A process that waits for the end of our pipe and then ends the server: ours may be killed any moment. */
function endWithUs(pid: number): void {
  const watcher = spawn('/bin/sh', ['-c', `cat >/dev/null; kill -QUIT ${pid} 2>/dev/null`], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.unref();
  (watcher.stdin as unknown as { unref(): void }).unref(); // a pipe is a socket
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url.replace('/condor?', '/postgres?') });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
