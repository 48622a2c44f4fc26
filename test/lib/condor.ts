// Starts the program as a real process, watches what it prints and what it starts, and ends it for certain.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { clusterOf, removeDatabase } from './database.ts';
import { eventually, sleep } from './eventually.ts';
import { packageRoot } from './package-root.ts';
import { alive, describe, listProcesses, type ProcessInfo, treeOf, withEnvironment } from './processes.ts';

export interface CondorOptions {
  /** Arguments after `condor`. `up` takes free ports here unless told otherwise. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** `npm`: through `npm start --`, which is `up` already. Default: the built program itself. */
  readonly through?: 'node' | 'npm';
  readonly folder?: string;
  /** Where its database lies, to find the server's processes. */
  readonly dataDir?: string;
  /** Words before the program's own, such as those that put it into a network of its own. */
  readonly prefix?: readonly string[];
}

export interface Condor {
  /** The process that was started: npm's, or the first of `prefix` unless that becomes the program. */
  readonly pid: number;
  readonly lines: readonly string[];
  /** Resolves when the process started has ended. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** The first line, also of those already there, that matches. */
  line(pattern: RegExp, seconds: number): Promise<RegExpMatchArray>;
  /** All processes that belong to this run: descendants, inheritors of its mark, the database's. */
  processes(): readonly ProcessInfo[];
  /** Of those, the one that runs `condor NAME`; for `database` the server, for `model` those of a file. */
  process(name: string): ProcessInfo | undefined;
  /** The last lines, for messages. */
  tail(): string;
}

/** A test, or a whole file (`import { after } from 'node:test'`), after which things are put away. */
export interface Cleanup {
  after(work: () => Promise<void> | void): void;
}

const stacks = new WeakMap<Cleanup, (() => Promise<void> | void)[]>();

/** Runs `work` when the test has ended: what was opened last is put away first. */
export function afterwards(t: Cleanup, work: () => Promise<void> | void): void {
  const stack = stacks.get(t);
  if (stack) return void stack.push(work);
  const own = [work];
  stacks.set(t, own);
  t.after(async () => {
    for (const next of own.reverse()) await next();
  });
}

const linesKept = 20_000;
const lineMost = 2_000;

/** A folder of its own, removed with the database in it when the test has ended. */
export function temporaryFolder(t: Cleanup): string {
  const folder = mkdtempSync(join(tmpdir(), 'condor-test-'));
  afterwards(t, () => {
    removeDatabase(join(folder, 'data'));
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

export function startCondor(t: Cleanup, options: CondorOptions): Condor {
  const { args, env = {}, through = 'node', folder = packageRoot, dataDir, prefix = [] } = options;
  const mark = `CONDOR_TEST_RUN=${randomUUID()}`;
  const program = [process.execPath, join(packageRoot, 'dist', 'src', 'cli', 'main.js')];
  const npm = ['npm', 'start', '--silent', '--', ...args.slice(1)];
  const words = through === 'npm' ? npm : [...program, ...args];
  const [command = '', ...rest] = [...prefix, ...words];
  const child = spawn(command, rest, {
    cwd: through === 'npm' ? packageRoot : folder,
    env: { ...cleanEnvironment(), ...freePorts, ...env, CONDOR_TEST_RUN: mark.slice(mark.indexOf('=') + 1) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a group of its own, so that a signal to the test runner's group doesn't decide a test
  });
  const pid = child.pid;
  if (pid === undefined) throw new Error(`Cannot start ${words.join(' ')}`);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line.slice(0, lineMost));
      if (lines.length > linesKept) lines.splice(0, linesKept / 10);
    });
  }
  const tail = () => `last lines of "condor ${args.join(' ')}":\n  ${lines.slice(-25).join('\n  ')}`;
  const exited = exitOf(child);

  const processes = () => {
    const all = listProcesses();
    const cluster = dataDir === undefined ? null : clusterOf(dataDir);
    const ofDatabase = cluster === null ? [] : all.filter((own) => own.folder === cluster);
    const found = [...treeOf(pid, all), ...withEnvironment(mark, all), ...ofDatabase];
    return [...new Map(found.map((own) => [own.pid, own])).values()];
  };
  const condor: Condor = {
    pid,
    lines,
    exited,
    tail,
    processes,
    process: (name) => processes().find(({ command: own }) => roleOf(own) === name),
    line: async (pattern, seconds) => {
      let looked = 0;
      let hasEnded = false;
      exited.then(
        () => {
          hasEnded = true;
        },
        () => {},
      );
      return await eventually(
        `a line like ${pattern}`,
        seconds,
        () => {
          const ended = hasEnded;
          for (; looked < lines.length; looked++) {
            const match = (lines[looked] as string).match(pattern);
            if (match) return match;
          }
          if (ended) throw Object.assign(new Error(`it ended without a line like ${pattern}`), { ended });
          return null;
        },
        tail,
      );
    },
  };
  afterwards(t, () => endForCertain(condor));
  return condor;
}

/** A parent that does nothing else. The command after the program keeps it from becoming the program. */
export const underShell: readonly string[] = ['sh', '-c', '"$@"; :', 'sh'];

/** Ends it politely, then by force, whatever a test left behind; by pid, and only what belongs to the run. */
async function endForCertain(condor: Condor): Promise<void> {
  const started = condor.processes();
  signal(condor.pid, 'SIGTERM');
  const until = performance.now() + 12_000;
  while (alive(started).length > 0 && performance.now() < until) await sleep(50);
  for (const { pid } of [...alive(started), ...condor.processes()]) signal(pid, 'SIGKILL');
}

/**
 * Waits until nothing of `before` lives and nothing of the run is left.
 * @throws Error naming what is left after `seconds`.
 */
export async function assertAllGone(condor: Condor, before: readonly ProcessInfo[], seconds: number): Promise<void> {
  const left = () => [...new Map([...alive(before), ...condor.processes()].map((own) => [own.pid, own])).values()];
  await eventually(
    'every process of the run has ended',
    seconds,
    () => left().length === 0,
    () => `still there:\n${describe(left())}\n${condor.tail()}`,
  );
}

/** `predict`, `score`, …, `up`, `database` or `model`; anything else is `other`. */
function roleOf(command: readonly string[]): string {
  const program = command.findIndex((word) => word.endsWith('src/cli/main.js'));
  if (program >= 0) return command[program + 1] ?? 'other';
  if (command.some((word) => word.endsWith('scripts/run.mjs'))) return 'up';
  if (command[0]?.endsWith('/bin/postgres')) return 'database';
  if (command.some((word) => word.endsWith('runner/main.js'))) return 'model';
  return 'other';
}

const freePorts = { CONDOR_REPORT_PORT: '0', CONDOR_ORCHESTRATOR_PORT: '0' };

/** What the test runner and the developer's shell have set must not reach the program. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(CONDOR_|NODE_TEST_CONTEXT|NODE_OPTIONS|DATABASE_URL|PG[A-Z]+$|npm_)/.test(name),
    ),
  );
}

function exitOf(child: ChildProcess): Condor['exited'] {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signalName) => resolve({ code, signal: signalName }));
  });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended meanwhile.
  }
}
