// A process of stub models that answer with 53 KB and note how late each tick came. Run by itself it is that
// process; imported, it starts one.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type StubEvent, stubModel } from '../../src/fleet/testing/stub-model.ts';
import { answerText, kinds } from './answers.ts';

export interface TickSeen {
  /** Wall time, unix seconds. */
  readonly at: number;
  readonly lateMs: number;
}

export interface BenchModels {
  readonly pid: number;
  readonly ports: readonly number[];
  /** Every tick (history left out) at every model since the last call. */
  takeTicks(): Promise<readonly TickSeen[]>;
  close(): Promise<void>;
}

export async function startBenchModels(count: number): Promise<BenchModels> {
  const child = fork(fileURLToPath(import.meta.url), [String(count)], { execArgv: [] });
  const [ports] = (await once(child, 'message')) as [readonly number[]]; // what main() below sends first
  return {
    pid: child.pid ?? 0,
    ports,
    async takeTicks() {
      child.send('ticks');
      const [ticks] = (await once(child, 'message')) as [readonly TickSeen[]];
      return ticks;
    },
    async close() {
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

const historyBytesMin = 16_384; // a tick of four prices has some hundred bytes

async function main(): Promise<void> {
  const texts = Array.from({ length: kinds }, (_, kind) => answerText(kind, 288));
  let ticks: TickSeen[] = [];
  const watch = (event: StubEvent) => {
    if (event.type !== 'called' || event.method !== 'tick' || event.request.length > historyBytesMin) return;
    const at = Date.now() / 1000;
    ticks.push({ at, lateMs: (at - newestIn(event.request)) * 1000 });
  };
  const models = await Promise.all(
    Array.from({ length: Number(process.argv[2]) }, (_, i) => stubModel({ answer: texts[i % kinds] ?? '', watch })),
  );
  process.on('message', () => {
    process.send?.(ticks);
    ticks = [];
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.(models.map(({ port }) => port));
}

/** The newest `[pricedAt, price]` of a tick's JSON. */
function newestIn(request: Uint8Array): number {
  const text = Buffer.from(request.buffer, request.byteOffset, request.byteLength).toString('latin1');
  return Math.max(...[...text.matchAll(/\[(\d+),/g)].map(([, instant]) => Number(instant)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
