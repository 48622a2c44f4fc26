// Keeps one child process running: prefixes what it prints, starts it again with backoff when it dies,
// and ends it for certain when told to stop.

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { sleep } from './clock.ts';
import { refusalExitCode } from './lifecycle.ts';

export interface Supervised {
  readonly pid: () => number | undefined;
  /** SIGTERM, then SIGKILL after `graceMs`. Resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
}

export interface SuperviseOptions {
  readonly name: string;
  readonly args: readonly string[];
  /** Asked before each start, so that a restarted server can be given the port it had. */
  readonly env: () => NodeJS.ProcessEnv;
  readonly onLine: (name: string, line: string) => void;
  readonly onMessage?: (message: unknown) => void;
  /** The child says that starting again is no use. */
  readonly onRefusal: (name: string) => void;
}

const backoffFirstMs = 250;
const backoffMostMs = 15_000;
const healthyMs = 60_000; // after this long a death is a new one, not one more of a series
const lineMost = 8_192; // characters of one line that are passed on

export function supervise({ name, args, env, onLine, onMessage, onRefusal }: SuperviseOptions): Supervised {
  const stopping = new AbortController();
  let child: ChildProcess | undefined;
  const loop = keep();

  async function keep(): Promise<void> {
    for (let deaths = 0; !stopping.signal.aborted; ) {
      const startedAt = performance.now();
      const exit = await runOnce();
      if (stopping.signal.aborted) return;
      if (exit.code === refusalExitCode) return onRefusal(name);
      deaths = performance.now() - startedAt > healthyMs ? 1 : deaths + 1;
      const delayMs = Math.min(backoffMostMs, backoffFirstMs * 2 ** (deaths - 1));
      onLine(name, `ended (${exit.signal ?? `exit code ${exit.code}`}); starting again in ${delayMs} ms`);
      await sleep(delayMs, stopping.signal);
    }
  }

  function runOnce(): Promise<{ code: number | null; signal: string | null }> {
    return new Promise((resolve) => {
      child = spawn(process.execPath, args, { env: env(), stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
      for (const stream of [child.stdout, child.stderr]) {
        if (stream) createInterface({ input: stream }).on('line', (line) => onLine(name, line.slice(0, lineMost)));
      }
      if (onMessage) child.on('message', onMessage);
      child.on('error', (error) => {
        onLine(name, error.message);
        if (child?.pid === undefined) resolve({ code: null, signal: null }); // never started: no exit will come
      });
      child.on('exit', (code, signal) => resolve({ code, signal }));
    });
  }

  return {
    pid: () => child?.pid,
    async stop(graceMs) {
      stopping.abort();
      child?.kill('SIGTERM');
      const timer = setTimeout(() => child?.kill('SIGKILL'), graceMs);
      await loop;
      clearTimeout(timer);
    },
  };
}
