// Real databases for tests: one server a test process, a new migrated database a call. The server ends with
// the process however the process ends.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, type TestContext } from 'node:test';
import pg from 'pg';
import { silentLog } from '../lib/log.ts';
import { type Database, openDatabase, type Role, type Session } from './connect.ts';
import { findPlace } from './embedded/place.ts';
import { type EmbeddedPostgres, removeEmbedded, startEmbeddedPostgres } from './embedded.ts';
import { migrate } from './migrate.ts';

interface TestServer {
  readonly embedded: EmbeddedPostgres;
  end(): Promise<void>;
}

let server: Promise<TestServer> | null = null;

// Registered here, where it belongs to the whole file; within a test it would run at that test's end.
after(async () => (await server)?.end());

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

/** A fresh database, and a way to open it under any role that closes itself at the end of the file. */
export async function freshOpener(): Promise<{ readonly url: string; open(role: Role | null): Database }> {
  const { url } = await freshDatabase();
  return {
    url,
    open(role) {
      const db = openDatabase(url, { role, applicationName: 'test', maxConnections: 3 });
      after(() => db.close());
      return db;
    },
  };
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
async function startServer(): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'condor-test-'));
  const embedded = await startEmbeddedPostgres({ dataDir, log: silentLog, durable: false });
  const watcher = await endWithUs(embedded.pid, dataDir);
  await migrate(embedded.url, silentLog);
  return {
    embedded,
    async end() {
      watcher.kill('SIGKILL');
      await embedded.stop();
      await removeEmbedded({ dataDir });
    },
  };
}

/** A process that waits for the end of our pipe, then removes the server: ours may be killed at any moment. */
async function endWithUs(pid: number, dataDir: string): Promise<ChildProcess> {
  const folder = (await findPlace(dataDir))?.folder ?? dataDir;
  const script = 'cat >/dev/null; kill -QUIT "$1"; sleep 1; rm -rf "$2" "$3"';
  const watcher = spawn('/bin/sh', ['-c', script, 'condor-test', String(pid), folder, dataDir], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.unref();
  (watcher.stdin as unknown as { unref(): void }).unref(); // a pipe is a socket
  return watcher;
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
