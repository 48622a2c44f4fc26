// A process of stub models that remember what they were told, as real models do: which instants of which
// asset, since their instance was made. Run by itself it is that process; imported, it starts one.

import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { fromBinary } from '@bufbuild/protobuf';
import { type StubEvent, type StubModel, type StubOptions, stubModel } from '../../src/fleet/testing/stub-model.ts';
import { CallRequestSchema } from '../../src/gen/dynamic_subclass_pb.ts';

/** From and to, both included, of instants known without a hole. */
export type Span = [from: number, to: number];

export interface ModelReport {
  /** Calls that came, by method, and `connections`, `cancelled`, `Setup`. */
  readonly counts: Readonly<Record<string, number>>;
  /** Every question that came, in order, with what the instance knew then. */
  readonly questions: readonly Question[];
  /** Every tick that came, in order, whatever became of it. */
  readonly ticks: readonly Tick[];
}

export interface Question {
  /** Wall time, unix seconds. */
  readonly at: number;
  readonly asset: string;
  readonly startedAt: number;
  readonly known: Readonly<Record<string, readonly Span[]>>;
}

export interface Tick {
  readonly at: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly newestAt: number;
}

/** What can be sent to the process. `watch` can't: it stays here. */
export type PlainStub = Omit<StubOptions, 'watch' | 'record'>;

export interface Models {
  readonly pid: number;
  /** Starts one more model; resolves with its place in the list and its port. */
  start(options: PlainStub): Promise<{ readonly index: number; readonly port: number }>;
  behave(index: number, change: PlainStub): Promise<void>;
  /** As if its process had been killed behind its address. */
  drop(index: number, options?: { keepInstance?: boolean }): Promise<void>;
  /** As if its process had been replaced behind its connections. */
  forget(index: number): Promise<void>;
  report(index: number): Promise<ModelReport>;
  close(): Promise<void>;
}

type Command =
  | { readonly type: 'start'; readonly options: PlainStub }
  | { readonly type: 'behave'; readonly index: number; readonly change: PlainStub }
  | { readonly type: 'drop'; readonly index: number; readonly keepInstance: boolean }
  | { readonly type: 'forget' | 'report'; readonly index: number };

/** Starts the process, with no models yet. It ends with ours. */
export async function startModels(): Promise<Models> {
  const child = fork(fileURLToPath(import.meta.url), { env: {}, execArgv: [], serialization: 'advanced' });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const ask = asker(child);
  return {
    pid: child.pid ?? 0,
    start: (options) => ask<{ index: number; port: number }>({ type: 'start', options }),
    behave: (index, change) => ask<void>({ type: 'behave', index, change }),
    drop: (index, { keepInstance = false } = {}) => ask<void>({ type: 'drop', index, keepInstance }),
    forget: (index) => ask<void>({ type: 'forget', index }),
    report: (index) => ask<ModelReport>({ type: 'report', index }),
    async close() {
      if (child.connected) child.disconnect();
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** Questions over the process's channel, answered in any order. */
function asker(child: ChildProcess): <T>(command: Command) => Promise<T> {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let lastId = 0;
  child.on('message', (message) => {
    const { id, value } = message as { id: number; value: unknown }; // what main() below sends
    waiting.get(id)?.resolve(value);
    waiting.delete(id);
  });
  child.once('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the process of stub models has ended'));
  });
  return <T>(command: Command) =>
    new Promise<T>((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve: (value) => resolve(value as T), reject });
      child.send({ id: lastId, command });
    });
}

function main(): void {
  const models: Remembering[] = [];
  const carryOut = async (command: Command): Promise<unknown> => {
    if (command.type === 'start') {
      const model = await remembering(command.options);
      models.push(model);
      return { index: models.length - 1, port: model.stub.port };
    }
    const model = models[command.index];
    if (model === undefined) throw new Error(`Cannot find stub ${command.index} of ${models.length}`);
    if (command.type === 'behave') model.stub.behave(command.change);
    if (command.type === 'drop') model.stub.drop({ keepInstance: command.keepInstance });
    if (command.type === 'forget') model.stub.forget();
    return command.type === 'report' ? model.report() : undefined;
  };
  process.on('message', async (message) => {
    const { id, command } = message as { id: number; command: Command }; // what asker() above sends
    process.send?.({ id, value: await carryOut(command) });
  });
  process.on('disconnect', () => process.exit(0));
}

interface Remembering {
  readonly stub: StubModel;
  report(): ModelReport;
}

async function remembering(options: PlainStub): Promise<Remembering> {
  const questions: Question[] = [];
  const ticks: Tick[] = [];
  let known = new Map<string, Span[]>();
  const watch = (event: StubEvent) => {
    if (event.type === 'setup') {
      if (event.isNew) known = new Map();
      return;
    }
    const at = Date.now() / 1000;
    const { method, request } = event;
    if (method === 'tick') {
      const prices = pricesOf(request);
      if (event.type === 'answered') for (const [asset, pairs] of Object.entries(prices)) learn(known, asset, pairs);
      else ticks.push({ at, bytes: request.length, sha256: sha256(request), newestAt: newestOf(prices) });
    } else if (event.type === 'called') {
      const { asset, startedAt } = questionOf(request);
      const spans = Object.fromEntries([...known].map(([name, all]) => [name, all.map(([a, b]): Span => [a, b])]));
      questions.push({ at, asset, startedAt, known: spans });
    }
  };
  const stub = await stubModel({ ...options, watch });
  return { stub, report: () => ({ counts: { ...stub.counts }, questions, ticks }) };
}

type Pairs = readonly (readonly [pricedAt: number, price: number])[];

/** Candles are one second long. */
function learn(known: Map<string, Span[]>, asset: string, pairs: Pairs): void {
  const spans = known.get(asset) ?? [];
  known.set(asset, spans);
  for (const [pricedAt] of pairs) {
    const last = spans.at(-1);
    if (last !== undefined && pricedAt === last[1] + 1) last[1] = pricedAt;
    else if (!spans.some(([from, to]) => pricedAt >= from && pricedAt <= to)) spans.push([pricedAt, pricedAt]);
  }
  spans.sort(([a], [b]) => a - b);
  for (let i = spans.length - 1; i > 0; i -= 1) {
    const [before, after] = [spans[i - 1] as Span, spans[i] as Span];
    if (after[0] !== before[1] + 1) continue;
    before[1] = after[1];
    spans.splice(i, 1);
  }
}

function pricesOf(request: Uint8Array): Readonly<Record<string, Pairs>> {
  const [prices] = argumentsOf(request);
  return JSON.parse(new TextDecoder().decode(prices)) as Record<string, Pairs>;
}

function questionOf(request: Uint8Array): { asset: string; startedAt: number } {
  const [asset, , startedAt] = argumentsOf(request);
  const instant =
    startedAt === undefined ? 0n : new DataView(startedAt.buffer, startedAt.byteOffset).getBigInt64(0, true);
  return { asset: new TextDecoder().decode(asset), startedAt: Number(instant) };
}

function argumentsOf(request: Uint8Array): readonly Uint8Array[] {
  return fromBinary(CallRequestSchema, request).methodArguments.map(({ data }) => data?.value ?? new Uint8Array());
}

function newestOf(prices: Readonly<Record<string, Pairs>>): number {
  return Math.max(...Object.values(prices).map((pairs) => pairs.at(-1)?.[0] ?? Number.NEGATIVE_INFINITY));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
