// The runner as a process: `node main.js --model FILE_OR_FOLDER --address HOST:PORT [--parent PID]
// [--memory-mb N]`. One line of JSON, `{"port":N}`, on stdout says that it listens; whatever the model
// prints goes to stderr. It ends by itself, also from a model's endless loop, when its parent is gone.

import { parseArgs } from 'node:util';
import { locateModel } from './locate-model.ts';
import { watchParent } from './parent.ts';
import { startRunner } from './server.ts';

/** Memory of the process beside the model's heap: Node, grpc-js, and two messages of 64 MiB. */
const memoryBesideHeapMb = 384;

/** How long a stop waits for the call in flight; the orchestrator kills after two seconds. */
const drainMs = 1500;

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      model: { type: 'string' },
      address: { type: 'string', default: '[::]:50051' },
      parent: { type: 'string' },
      'memory-mb': { type: 'string', default: '512' },
    },
  });
  if (values.model === undefined) throw new Error('Cannot start runner: --model FILE_OR_FOLDER is missing');
  const memoryMb = wholeNumber('--memory-mb', values['memory-mb'], 32);
  // Nobody reads us any more: printing must not end the process, its parent's end will.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

  if (values.parent !== undefined) watchParent(wholeNumber('--parent', values.parent, 1), endAtOnce);
  const runner = await startRunner({
    file: locateModel(values.model),
    address: values.address,
    memoryMb,
    onOutput: (text) => process.stderr.write(text),
    onEnd: (reason) => {
      process.stderr.write(`The model has ended: ${reason}\n`);
      process.exit(1);
    },
  });
  watchMemory(memoryMb + memoryBesideHeapMb);

  const stop = async () => {
    await runner.drain(drainMs);
    endAtOnce();
  };
  process.once('SIGTERM', () => void stop());
  // A supervised runner hears Ctrl-C from its supervisor only.
  process.on('SIGINT', () => values.parent === undefined && endAtOnce());
  process.stdout.write(`${JSON.stringify({ port: runner.port })}\n`);
}

/**
 * SIGKILL to our process group: it takes along what the model has started, and a thread stuck in native
 * code can't hold it up. When we lead no group of our own, only to ourselves.
 */
function endAtOnce(): void {
  try {
    process.kill(-process.pid, 'SIGKILL');
  } catch {
    process.kill(process.pid, 'SIGKILL');
  }
}

/** The heap has its own limit; this one catches buffers, which lie outside it. */
function watchMemory(limitMb: number): void {
  const timer = setInterval(() => {
    const usedMb = process.memoryUsage.rss() / 1024 / 1024;
    if (usedMb <= limitMb) return;
    process.stderr.write(`The model has ended: it uses ${Math.round(usedMb)} MB, more than ${limitMb}\n`);
    endAtOnce();
  }, 500);
  timer.unref();
}

function wholeNumber(flag: string, text: string, min: number): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= min) return value;
  throw new Error(`Cannot start runner: ${flag} must be a whole number from ${min}, is "${text}"`);
}
