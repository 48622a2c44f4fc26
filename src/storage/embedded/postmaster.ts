// The server's main process, known by the pid file in its cluster: is it there, is it ready, end it.

import { execFile } from 'node:child_process';
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sleep, wallNow } from '../../lib/clock.ts';

export interface Postmaster {
  readonly pid: number;
  readonly socketDir: string;
  /** `starting`, `ready`, `stopping` or `standby`; empty at first. */
  readonly status: string;
}

/** What the pid file says, whether or not the process lives; null when there is none. */
export async function readPostmaster(cluster: string): Promise<Postmaster | null> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => null);
  if (text === null) return null;
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return null;
  return { pid, socketDir: lines[4] ?? '', status: (lines[7] ?? '').trim() };
}

/** Whether `pid` is the server of this cluster: a pid file may outlive its process, and pids are reused. */
export async function isPostmaster(pid: number, cluster: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  // The command line names the cluster; it is empty for a process that has ended and waits for its parent.
  if (process.platform === 'linux') {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return commandLine.split('\0').includes(cluster);
  }
  const ps = await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }));
  return ps.stdout.includes(cluster);
}

/**
 * Removes a pid file whose process is not a server any more. The server itself does so unless the pid now
 * belongs to another process of the same user. Renamed first, and given back if it was a newer one.
 */
export async function dropStalePidFile(cluster: string, stalePid: number): Promise<void> {
  const aside = join(cluster, `postmaster.pid.${process.pid}`);
  await rename(join(cluster, 'postmaster.pid'), aside).catch(() => {});
  const pid = Number((await readFile(aside, 'utf8').catch(() => '')).split('\n')[0]);
  if (pid === stalePid) await rm(aside, { force: true });
  else await rename(aside, join(cluster, 'postmaster.pid')).catch(() => {});
}

/**
 * Ends the server: a fast shutdown (sessions are cut, all is written), then an immediate one (as after a
 * crash; the next start recovers), then SIGKILL. Takes 7 s at most.
 */
export async function stopPostmaster(pid: number, cluster: string): Promise<void> {
  for (const [signal, waitSeconds] of [
    ['SIGINT', 4],
    ['SIGQUIT', 2],
    ['SIGKILL', 1],
  ] as const) {
    if (!(await isPostmaster(pid, cluster))) return;
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return;
      throw new Error(`Cannot stop PostgreSQL, process ${pid}: ${(error as Error).message}`, { cause: error });
    }
    const until = wallNow() + waitSeconds;
    while (wallNow() < until) {
      if (!(await isPostmaster(pid, cluster))) return;
      await sleep(10);
    }
  }
}
