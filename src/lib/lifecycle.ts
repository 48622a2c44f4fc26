// How a worker process lives: it stops on SIGTERM, ignores SIGINT (Ctrl-C reaches the whole terminal; the
// supervisor decides), and ends when its parent is gone, so that nothing is ever orphaned.

import { sleep } from './clock.ts';
import type { Log } from './log.ts';

export interface Worker {
  /** Stops taking, finishes or abandons, closes. */
  stop(): Promise<void>;
  /** Rejects when the worker can't go on. */
  readonly done?: Promise<void>;
}

/**
 * A start that can't succeed however often it is tried: a wrong setting, a database of another world. The
 * process ends with exit code 2 and its sentence, and a supervisor doesn't try again.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

export const refusalExitCode = 2;

/** Workers get this long to stop before the process ends anyway; `condor up` kills at 8 s. */
const stopWithinMs = 6_000;
const parentCheckMs = 500;

/** Starts a worker and keeps the process until it is told to stop. Sets the exit code. */
export async function runWorker(
  log: Log,
  start: () => Promise<Worker>,
  {
    parentPid,
    obeysInterrupt = parentPid === undefined,
  }: { parentPid?: number | undefined; obeysInterrupt?: boolean } = {},
): Promise<void> {
  const stopping = new AbortController();
  const ask = (why: string) => () => {
    if (!stopping.signal.aborted) log.info({ why }, 'stopping');
    stopping.abort();
  };
  process.on('SIGTERM', ask('SIGTERM'));
  process.on('SIGINT', obeysInterrupt ? ask('SIGINT') : () => {});
  if (parentPid !== undefined) watchParent(parentPid, ask('the parent process is gone'));

  const worker = await start().catch((error: unknown) => ({ stop: async () => {}, done: Promise.reject(error) }));
  const failed = await Promise.race([
    new Promise<undefined>((resolve) => {
      if (stopping.signal.aborted) resolve(undefined);
      stopping.signal.addEventListener('abort', () => resolve(undefined), { once: true });
    }),
    (worker.done ?? new Promise<never>(() => {})).then(
      () => undefined,
      (error: unknown) => error,
    ),
  ]);
  if (failed !== undefined) {
    const isRefusal = failed instanceof Refusal;
    if (isRefusal) log.error(failed.message);
    else log.error({ err: failed }, 'the worker failed');
    process.exitCode = isRefusal ? refusalExitCode : 1;
  }
  const isStopped = await Promise.race([worker.stop().then(() => true), sleep(stopWithinMs).then(() => false)]);
  if (!isStopped) log.warn({ stopWithinMs }, 'did not stop in time; ending the process');
  process.exit();
}

/** Calls back once when the process `pid` is gone or is no longer our parent. */
export function watchParent(pid: number, onGone: () => void): void {
  const timer = setInterval(() => {
    if (process.ppid === pid && isAlive(pid)) return;
    clearInterval(timer);
    onGone();
  }, parentCheckMs);
  timer.unref();
}

/** Whether a process of this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
