// Workers as processes: started, listened to, their processor time taken, and ended.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../src/lib/package-root.ts';

export interface Worker {
  readonly pid: number;
  /** Records it logs, as they come; warnings and errors are also printed. */
  onRecord(listen: (record: Readonly<Record<string, unknown>>) => void): void;
  stop(): Promise<void>;
}

export function startWorker(
  name: 'predict' | 'score',
  env: Readonly<Record<string, string>>,
  nodeArgs: readonly string[] = [],
): Worker {
  const program = join(packageRoot, 'dist', 'src', 'cli', 'main.js');
  const child: ChildProcess = spawn(process.execPath, [...nodeArgs, program, name], {
    env: { PATH: process.env.PATH ?? '', CONDOR_LOG_FORMAT: 'json', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const listeners: ((record: Record<string, unknown>) => void)[] = [];
  if (child.stdout === null) throw new Error(`Cannot read what ${name} logs`);
  createInterface(child.stdout).on('line', (line) => {
    const record = JSON.parse(line) as Record<string, unknown>; // JSON was asked for
    if (Number(record.level) >= 40) console.log(`  ${name}: ${line.slice(0, 300)}`);
    for (const listen of listeners) listen(record);
  });
  return {
    pid: child.pid ?? 0,
    onRecord: (listen) => listeners.push(listen),
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

const ticksPerSecond = 100; // USER_HZ, the same on every Linux that Node runs on

/** Processor time of a process and its threads so far, seconds; 0 once it has ended. */
export function processorSeconds(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  } catch {
    return 0;
  }
}
