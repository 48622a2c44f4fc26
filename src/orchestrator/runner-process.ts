// One model as a process of its own: started, found listening, and in the end gone for certain. It leads a
// process group, so that what the model itself starts goes with it.

import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { sleep } from '../lib/clock.ts';
import { lineLimiter } from './lines.ts';
import { isServing } from './probe.ts';

export interface RunnerProcessOptions {
  /** The submission, absolute. */
  readonly path: string;
  /** Where it listens; the port is its own choice. */
  readonly host: string;
  readonly memoryMb: number;
  /** The whole environment of the model: nothing of ours, which may hold passwords. */
  readonly environment: Readonly<Record<string, string>>;
  /** A line the model or its runner wrote. */
  readonly onLine: (line: string) => void;
}

export interface RunnerProcess {
  readonly pid: number;
  readonly port: number;
  /** Resolves when the process is gone, with how it ended. */
  readonly exited: Promise<string>;
  /** Asks it to end, and kills it with all it has started after two seconds. Resolves when it is gone. */
  end(): Promise<void>;
}

/** How long a runner may take until it listens; four starting at once on a busy core stay far below. */
const startTimeoutMs = 20_000;

/** From SIGTERM to SIGKILL. */
const endTimeoutMs = 2000;

const runnerMain = fileURLToPath(new URL('../runner/main.js', import.meta.url));

/**
 * Starts a runner on a model; resolves once it listens and its health says SERVING.
 * @throws Error saying how the start failed; the process is gone then. Also when `signal` aborts.
 */
export async function startRunnerProcess(options: RunnerProcessOptions, signal: AbortSignal): Promise<RunnerProcess> {
  const { path, host, memoryMb, environment, onLine } = options;
  if (signal.aborted) throw new Error(`Cannot start "${path}": the orchestrator stops`);
  const bound = host.includes(':') ? `[${host}]:0` : `${host}:0`;
  const child = spawn(
    process.execPath,
    [runnerMain, '--model', path, '--address', bound, '--parent', `${process.pid}`, '--memory-mb', `${memoryMb}`],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...environment }, detached: true },
  );
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`it could not be started: ${error.message}`));
    child.once('exit', (code, by) => {
      killGroup(child); // what the model has started and left behind
      resolve(by ? `it was ended by ${by}` : `it ended with code ${code}`);
    });
  });
  child.stderr?.setEncoding('utf8').on('data', lineLimiter(onLine));

  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => killGroup(child), endTimeoutMs);
    await exited;
    clearTimeout(timer);
  };
  let refuse: (why: string) => void = () => {};
  const fail = new Promise<never>((_, reject) => {
    refuse = (why) => reject(new Error(`Cannot start "${path}": ${why}`));
  });
  void exited.then(refuse);
  const timer = setTimeout(() => refuse(`it did not listen within ${startTimeoutMs / 1000} s`), startTimeoutMs);
  const abort = () => refuse('the orchestrator stops');
  signal.addEventListener('abort', abort);
  try {
    const port = await Promise.race([portOf(child, onLine), fail]);
    while (!(await Promise.race([isServing(host, port, 2000), fail]))) {
      await Promise.race([sleep(50), fail]);
    }
    return { pid: child.pid as number, port, exited, end };
  } catch (error) {
    killGroup(child);
    await exited;
    throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

/** The port of the runner's first line; all it writes later is the model's. */
function portOf(child: ChildProcess, onLine: (line: string) => void): Promise<number> {
  return new Promise((resolve) => {
    let isFirst = true;
    const limited = lineLimiter((line) => {
      const port = isFirst ? /^\{"port":(\d+)\}$/.exec(line)?.[1] : undefined;
      if (port === undefined) return onLine(line);
      isFirst = false;
      resolve(Number(port));
    });
    child.stdout?.setEncoding('utf8').on('data', limited);
  });
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return; // it never ran
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
