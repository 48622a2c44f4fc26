// Where an embedded server keeps its files. PostgreSQL refuses to run as root, so root's server runs as an
// unprivileged user, in a place that this user can reach wherever the data directory lies.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, lstat, mkdir, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';

export interface Place {
  /** Full path of the data directory. */
  readonly dataDir: string;
  /** The server's own folder; holds the cluster, its log and (when paths are short enough) its socket. */
  readonly folder: string;
  readonly cluster: string;
  readonly logFile: string;
  /** The user the server runs as; null for our own. */
  readonly user: { readonly uid: number; readonly gid: number } | null;
}

export const systemRoot = '/var/lib/condor';
const nobody = { uid: 65_534, gid: 65_534 };
const socketPathMax = 103; // bytes, on macOS; Linux takes 107
const socketName = '.s.PGSQL.5432';
const leftoversMost = 100;

/**
 * The place of a data directory: made at first use, then found again by the file `postgres.path` in it,
 * also after the directory was moved.
 */
export async function openPlace(dataDir: string): Promise<Place> {
  await mkdir(dataDir, { recursive: true }).catch((cause: unknown) => {
    throw new Error(`Cannot use data directory "${dataDir}": ${(cause as Error).message}`, { cause });
  });
  const fullPath = await realpath(dataDir);
  const folder = (await namedFolder(fullPath)) ?? unusedFolder(fullPath);
  const place = describe(fullPath, folder, await ownerOf(folder));
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw new Error(
      `Cannot keep a database in "${folder}": ${(cause as Error).message}; run as an ordinary user, or give the url of a server in DATABASE_URL`,
      { cause },
    );
  });
  await chmod(folder, 0o700);
  if (place.user !== null) {
    await chmod(systemRoot, 0o755).catch(() => {});
    await chown(folder, place.user.uid, place.user.gid);
  }
  await refuseCopies(place);
  // Relative within the data directory, so that it stays true when the directory is moved.
  const name = folder.startsWith(`${fullPath}/`) ? relative(fullPath, folder) : folder;
  await writeFile(join(fullPath, 'postgres.path'), `${name}\n`);
  return place;
}

/** The place of a data directory, or null when it has none. Makes nothing. */
export async function findPlace(dataDir: string): Promise<Place | null> {
  const fullPath = await realpath(dataDir).catch(() => resolve(dataDir));
  const folder = (await namedFolder(fullPath)) ?? newFolder(fullPath);
  const owner = await ownerOf(folder);
  return owner === null ? null : describe(fullPath, folder, owner);
}

/** A private directory for the socket; its path must be short. */
export async function makeSocketDir({ folder, user }: Place): Promise<string> {
  const inside = join(folder, 's');
  if (Buffer.byteLength(join(inside, socketName)) <= socketPathMax) {
    await mkdir(inside, { recursive: true, mode: 0o700 });
    if (user !== null) await chown(inside, user.uid, user.gid);
    return inside;
  }
  // The same each time, so that a server that is started again is where its clients look for it.
  const outside = `/tmp/condor-${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
  const dir = (await isOurs(outside, user)) ? outside : await mkdtemp('/tmp/condor-');
  await chmod(dir, 0o700);
  if (user !== null) await chown(dir, user.uid, user.gid);
  return dir;
}

/** Whether `dir` is a directory of ours, made now if need be. Anyone may have put something else at a known name. */
async function isOurs(dir: string, user: Place['user']): Promise<boolean> {
  await mkdir(dir, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const found = await lstat(dir);
  return found.isDirectory() && [process.getuid?.(), user?.uid].includes(found.uid);
}

/** Removes a socket directory that lies outside the place. */
export async function dropSocketDir({ folder }: Place, socketDir: string): Promise<void> {
  if (!socketDir.startsWith(folder)) await rm(socketDir, { recursive: true, force: true });
}

async function namedFolder(dataDir: string): Promise<string | null> {
  const named = (await readFile(join(dataDir, 'postgres.path'), 'utf8').catch(() => '')).trim();
  return named === '' ? null : resolve(dataDir, named);
}

/**
 * Where a data directory without a name file begins anew. A database left there by a directory of the same
 * path that was deleted since is not this one's.
 */
function unusedFolder(dataDir: string): string {
  const first = newFolder(dataDir);
  for (let n = 1; n <= leftoversMost; n++) {
    const folder = n === 1 ? first : `${first}-${n}`;
    if (!existsSync(join(folder, 'data', 'PG_VERSION'))) return folder;
  }
  throw new Error(
    `Cannot begin a database for "${dataDir}": ${leftoversMost} old ones lie at "${first}-*"; remove them`,
  );
}

function newFolder(dataDir: string): string {
  if (process.getuid?.() !== 0) return join(dataDir, 'postgres');
  return join(systemRoot, createHash('sha256').update(dataDir).digest('hex').slice(0, 16));
}

async function ownerOf(folder: string): Promise<{ uid: number; gid: number } | null> {
  return await stat(folder).catch(() => null);
}

function describe(dataDir: string, folder: string, owner: { uid: number; gid: number } | null): Place {
  const ourUid = process.getuid?.() ?? 0;
  if (owner !== null && ourUid !== 0 && owner.uid !== ourUid) {
    throw new Error(
      `Cannot use data directory "${dataDir}": its database in "${folder}" belongs to user id ${owner.uid}, and this is user id ${ourUid}; run as that user, or choose another directory with --data-dir`,
    );
  }
  // As root, a directory that an ordinary user began stays that user's.
  const user = ourUid !== 0 ? null : owner === null || owner.uid === 0 ? nobody : { uid: owner.uid, gid: owner.gid };
  return { dataDir, folder, cluster: join(folder, 'data'), logFile: join(folder, 'postgres.log'), user };
}

/** A copied data directory names the original's server; using it would be two competitions in one. */
async function refuseCopies({ dataDir, folder }: Place): Promise<void> {
  const file = join(folder, 'data-dir');
  const original = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (original !== '' && original !== dataDir && (await namedFolder(original)) === folder) {
    throw new Error(
      `Cannot use data directory "${dataDir}": it is a copy, and its database belongs to "${original}"; remove "${join(dataDir, 'postgres.path')}" to begin a new one`,
    );
  }
  if (original !== dataDir) await writeFile(file, `${dataDir}\n`);
}
