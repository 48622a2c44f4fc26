// Many stub models in a process of their own, so that benches measure the fleet and not the stubs.
// Started with one argument, a JSON array of StubOptions; prints one line, the JSON array of their ports;
// ends when its standard input does.

import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { argv, stdin, stdout } from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type StubOptions, stubModel } from './stub-model.ts';

export interface StubProcess {
  readonly pid: number;
  readonly ports: readonly number[];
  /** Says `change` to the model at that place of the list. */
  behave(index: number, change: StubOptions): void;
  close(): Promise<void>;
}

/** Spawns a process with one stub for each of `models`. */
export async function stubProcess(models: readonly StubOptions[]): Promise<StubProcess> {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./stub-process.js', import.meta.url)), JSON.stringify(models)],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ports = JSON.parse(await firstLine(child)) as number[]; // what main() below prints
  return {
    pid: child.pid ?? 0,
    ports,
    behave: (index, change) => void child.stdin?.write(`${JSON.stringify({ index, change })}\n`),
    close() {
      child.stdin?.end();
      return exited;
    },
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) throw new Error('Cannot read from a stub process without a pipe');
    createInterface(child.stdout).once('line', resolve);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`Cannot start stub models: the process ended with code ${code}`)));
  });
}

async function main(): Promise<void> {
  const options = JSON.parse(argv[2] ?? '[]') as StubOptions[]; // written by stubProcess() above
  const models = await Promise.all(options.map((one) => stubModel(one)));
  stdout.write(`${JSON.stringify(models.map(({ port }) => port))}\n`);
  const lines = createInterface(stdin);
  lines.on('line', (line) => {
    const { index, change } = JSON.parse(line) as { index: number; change: StubOptions };
    models[index]?.behave(change);
  });
  lines.on('close', () => process.exit(0));
}

if (argv[1] === fileURLToPath(import.meta.url)) await main();
