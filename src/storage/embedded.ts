// The embedded database: a real PostgreSQL from the npm package, started as a process of its own that
// speaks through a Unix socket only. It outlives a killed parent, and the next start attaches to it.
// Not a supervisor: `gone` tells when the server went away, and whoever started it starts it again.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdtemp, open, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { sleep, wallNow } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { prepareBinaries } from './embedded/binaries.ts';
import { dropSocketDir, findPlace, makeSocketDir, openPlace, type Place, systemRoot } from './embedded/place.ts';
import { dropStalePidFile, isPostmaster, readPostmaster, stopPostmaster } from './embedded/postmaster.ts';

export interface EmbeddedPostgres {
  /** For `openDatabase`, psql and other PostgreSQL clients. */
  readonly url: string;
  readonly pid: number;
  /** True when the server was already running: its parent had been killed. */
  readonly attached: boolean;
  /** Resolves when the server or our hold on it is lost without `stop`; start again then. */
  readonly gone: Promise<void>;
  /** Ends the server within 7 s: fast, then immediate, then SIGKILL. */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  readonly dataDir: string;
  readonly log: Log;
  /** False for a database that nobody misses after a power cut: nothing is synced to disk. Default true. */
  readonly durable?: boolean;
}

const startTimeoutMs = 60_000; // recovery after a crash may replay 1 GB of log
const lockKey = 0x636f6e64; // "cond", in database `postgres`; held by whoever runs this data directory
const logFileMax = 10 << 20; // bytes; the log begins anew at the next start

/**
 * Starts the server of a data directory, or attaches to the one that runs already.
 * @throws Error when another process holds the directory, naming it, or when the server doesn't start,
 * with the end of its log.
 */
export async function startEmbeddedPostgres({
  dataDir,
  log,
  durable = true,
}: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const place = await openPlace(dataDir);
  const binaries = await prepareBinaries(place.user ? systemRoot : join(place.dataDir, 'bin'), place.user !== null);
  if (!existsSync(join(place.cluster, 'PG_VERSION'))) await makeCluster(place, binaries);
  const server = await attachOrLaunch(place, binaries, durable);
  const keeper = await takeLock(place, server.socketDir);
  await keeper.query('create database condor').catch((error: pg.DatabaseError) => {
    if (error.code !== '42P04') throw error; // it is there already
  });
  (keeper as pg.Client & { unref(): void }).unref(); // in pg, not in its types
  log.debug({ pid: server.pid, attached: server.attached }, 'embedded PostgreSQL is ready');

  let stopping: Promise<void> | null = null;
  const gone = new Promise<void>((resolve) => {
    keeper.once('end', () => {
      if (stopping === null) resolve();
    });
  });
  const stop = async () => {
    await stopPostmaster(server.pid, place.cluster);
    await dropSocketDir(place, server.socketDir);
  };
  return {
    url: urlOf(server.socketDir, 'condor'),
    pid: server.pid,
    attached: server.attached,
    gone,
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}

/** Where the server of a data directory listens, if it runs: for those who look without keeping it. */
export async function runningEmbedded({ dataDir }: { readonly dataDir: string }): Promise<string | null> {
  const place = await findPlace(dataDir);
  const found = place && (await readPostmaster(place.cluster));
  if (!(place && found && (await isPostmaster(found.pid, place.cluster)))) return null;
  return urlOf(found.socketDir, 'condor');
}

/**
 * Removes the database of a data directory: what lies in it, and what lies elsewhere for its sake; then
 * the directory itself when nothing else is in it. Ends a server left by a killed parent.
 * @throws Error when another process is using it.
 */
export async function removeEmbedded({ dataDir }: { readonly dataDir: string }): Promise<void> {
  const place = await findPlace(dataDir);
  if (place !== null) {
    const found = await readPostmaster(place.cluster);
    if (found !== null && (await isPostmaster(found.pid, place.cluster))) {
      await takeLock(place, found.socketDir);
      await stopPostmaster(found.pid, place.cluster);
    }
    if (found !== null) await dropSocketDir(place, found.socketDir);
    await rm(place.folder, { recursive: true, force: true });
  }
  await rm(join(dataDir, 'bin'), { recursive: true, force: true });
  await rm(join(dataDir, 'postgres.path'), { force: true });
  await rmdir(dataDir).catch(() => {}); // it holds other things, or isn't there
}

/** `initdb` beside the final place, then a rename: a cluster is there whole or not at all. */
async function makeCluster(place: Place, binaries: string): Promise<void> {
  const partial = await mkdtemp(`${place.cluster}.`);
  try {
    await chmod(partial, 0o700);
    if (place.user !== null) await chown(partial, place.user.uid, place.user.gid);
    const settings = ['--no-sync', '--no-instructions', '--locale=C', '--encoding=UTF8', '-A', 'trust', '-U', 'condor'];
    const child = spawn(join(binaries, 'bin', 'initdb'), [...settings, '-D', partial], {
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: place.folder,
      env: serverEnv,
      ...place.user,
    });
    let complaint = '';
    child.stderr.on('data', (bytes: Buffer) => {
      if (complaint.length < 2_000) complaint += bytes.toString();
    });
    const code = await exitOf(child);
    if (code !== 0)
      throw new Error(`Cannot make a database in "${place.folder}": initdb ended with ${code}: ${complaint.trim()}`);
    await rename(partial, place.cluster).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error; // another process was faster
    });
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

interface RunningServer {
  readonly pid: number;
  readonly socketDir: string;
  readonly attached: boolean;
}

/**
 * Waits until the cluster's server is ready, launching it when nobody has. Two that launch at once are
 * sorted out by the server itself: the second one ends, and its starter attaches to the first.
 */
async function attachOrLaunch(place: Place, binaries: string, durable: boolean): Promise<RunningServer> {
  const deadline = wallNow() + startTimeoutMs / 1000;
  let launched: Launched | null = null;
  for (;;) {
    const found = await readPostmaster(place.cluster);
    const isAlive = found !== null && (await isPostmaster(found.pid, place.cluster));
    if (isAlive && found.status === 'ready') {
      const attached = found.pid !== launched?.pid;
      if (attached && launched !== null) await dropSocketDir(place, launched.socketDir);
      return { pid: found.pid, socketDir: found.socketDir, attached };
    }
    if (!isAlive && (launched === null || launched.exitCode() !== null)) {
      const complaint = (await launched?.complaint()) ?? '';
      // Processes of a server that was killed keep its shared memory for a moment.
      if (launched !== null && !complaint.includes('pre-existing shared memory')) {
        throw new Error(
          `Cannot start PostgreSQL in "${place.folder}": ${complaint || `it ended with ${launched.exitCode()}`}`,
        );
      }
      if (launched !== null) {
        await dropSocketDir(place, launched.socketDir);
        await sleep(100);
      }
      if (found !== null) await dropStalePidFile(place.cluster, found.pid);
      launched = await launch(place, binaries, durable);
    }
    if (wallNow() > deadline) {
      throw new Error(
        `Cannot start PostgreSQL in "${place.folder}": not ready after ${startTimeoutMs / 1000} s (see ${place.logFile})`,
      );
    }
    await sleep(10);
  }
}

interface Launched {
  readonly pid: number;
  readonly socketDir: string;
  /** Null while it runs. */
  exitCode(): number | null;
  /** What it wrote to its log, the last 2,000 characters. */
  complaint(): Promise<string>;
}

async function launch(place: Place, binaries: string, durable: boolean): Promise<Launched> {
  const socketDir = await makeSocketDir(place);
  const isLong = await stat(place.logFile).then(
    ({ size }) => size > logFileMax,
    () => false,
  );
  const logFile = await open(place.logFile, isLong ? 'w' : 'a', 0o600);
  try {
    const { size } = await logFile.stat();
    const child = spawn(
      join(binaries, 'bin', 'postgres'),
      ['-D', place.cluster, '-k', socketDir, ...settings(durable).flatMap((setting) => ['-c', setting])],
      {
        // Its own session: Ctrl-C must not end the database before the workers have written all they have.
        detached: true,
        stdio: ['ignore', logFile.fd, logFile.fd],
        cwd: place.folder,
        env: serverEnv,
        ...place.user,
      },
    );
    let exitCode: number | null = null;
    exitOf(child).then(
      (code) => {
        exitCode = code;
      },
      () => {
        exitCode = -1;
      },
    );
    child.unref();
    if (child.pid === undefined) throw new Error(`Cannot start PostgreSQL: "${binaries}/bin/postgres" can't be run`);
    return {
      pid: child.pid,
      socketDir,
      exitCode: () => exitCode,
      complaint: async () => (await readFile(place.logFile, 'utf8')).slice(size).slice(-2_000).trim(),
    };
  } finally {
    await logFile.close();
  }
}

/** For a laptop: little memory, few processes, no network, no parallel plans (a container's /dev/shm is small). */
function settings(durable: boolean): string[] {
  return [
    'listen_addresses=',
    'unix_socket_permissions=0700',
    'timezone=UTC',
    'log_timezone=UTC',
    'shared_buffers=128MB',
    'max_connections=100',
    'max_locks_per_transaction=256', // each partition of each table takes one
    'max_parallel_workers_per_gather=0',
    'max_parallel_maintenance_workers=0',
    'jit=off',
    'io_method=sync',
    'wal_level=minimal',
    'max_wal_senders=0',
    'max_wal_size=1GB',
    'checkpoint_timeout=15min',
    'log_checkpoints=off',
    'log_min_messages=warning',
    ...(durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ];
}

const serverEnv = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/local/bin:/usr/bin:/bin' };

/**
 * Takes the data directory's lock: a session's advisory lock, so that it ends with its holder however the
 * holder ends. The connection that is returned keeps it.
 */
async function takeLock({ dataDir }: Place, socketDir: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: urlOf(socketDir, 'postgres'),
    application_name: `condor, process ${process.pid}`,
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => {}); // `end` follows
  await client.connect();
  // The server needs a moment to notice that a killed holder is gone.
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [lockKey]);
    if (rows[0]?.taken) {
      return client;
    }
    await sleep(50);
  }
  const { rows } = await client.query<{ holder: string }>(
    `select application_name as holder from pg_stat_activity
     where pid in (select pid from pg_locks where locktype = 'advisory' and granted and objid = $1)`,
    [lockKey],
  );
  await client.end();
  throw new Error(
    `Cannot use data directory "${dataDir}": it is in use by ${rows[0]?.holder || 'another process'}; stop that one, or choose another directory with --data-dir`,
  );
}

function urlOf(socketDir: string, database: string): string {
  return `postgresql://condor@/${database}?host=${encodeURIComponent(socketDir)}`;
}

function exitOf(child: ReturnType<typeof spawn>): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? -1));
  });
}
