// A fleet with fake models around it, for tests: started, waited for, and taken down.

import { type Log, silentLog } from '../../lib/log.ts';
import { createFleet } from '../create-fleet.ts';
import { encodeCall } from '../encode.ts';
import type { Fleet, FleetEvent, FleetOptions } from '../fleet.ts';
import { type StubModel, type StubOptions, stubModel } from './stub-model.ts';
import { type StubOrchestrator, stubOrchestrator } from './stub-orchestrator.ts';

export interface Harness {
  readonly fleet: Fleet;
  readonly orchestrator: StubOrchestrator;
  /** Model id → its stub. */
  readonly models: Readonly<Record<string, StubModel>>;
  readonly events: readonly FleetEvent[];
  model(modelId: string): StubModel;
  /** Resolves when `holds` does, which is looked at often; throws after 10 s, naming `what`. */
  until(what: string, holds: () => boolean): Promise<void>;
  close(): Promise<void>;
}

/** A question as bytes; always the same object, as workers do it. */
export const question: Uint8Array = encodeCall({
  method: 'predict',
  arguments: [
    { type: 'string', value: 'BTC' },
    { type: 'int', value: 86400 },
    { type: 'int', value: 300 },
  ],
});

const ticks = new Map<string, Uint8Array>();

/** A tick whose JSON says what it covers, `{from, upTo}`; the same object for the same span. */
export function spanTick(from: number, upTo: number): Uint8Array {
  const key = `${from} ${upTo}`;
  const known = ticks.get(key);
  if (known !== undefined) return known;
  const value = { from: Number.isFinite(from) ? from : null, upTo };
  const request = encodeCall({ method: 'tick', arguments: [{ type: 'json', value }] });
  ticks.set(key, request);
  return request;
}

/** What spanTick put into the ticks a stub has received, in order, questions as `ask`. */
export function heard(model: StubModel): readonly string[] {
  return model.received.map(({ method, request }) => {
    if (method !== 'tick') return 'ask';
    const { from, upTo } = JSON.parse(/\{.*\}/.exec(Buffer.from(request).toString('utf8'))?.[0] ?? '{}');
    return `${from ?? 'start'}-${upTo}`;
  });
}

/** Starts stubs, an orchestrator that announces them, and a fleet that has found it. Models are not waited for. */
export async function startFleet(
  models: Readonly<Record<string, StubOptions>>,
  options: Partial<FleetOptions> & { upTo?: number; log?: Log } = {},
): Promise<Harness> {
  const { upTo = 100, log = silentLog, ...overrides } = options;
  const orchestrator = await stubOrchestrator();
  const stubs: Record<string, StubModel> = {};
  for (const [id, stub] of Object.entries(models)) stubs[id] = await stubModel({ record: true, ...stub });
  orchestrator.init(Object.entries(stubs).map(([id, { port }]) => ({ model_id: id, port })));
  const events: FleetEvent[] = [];
  const fleet = createFleet(
    {
      orchestratorUrl: orchestrator.url,
      crunchId: 'condorgame',
      className: 'condorgame.tracker.TrackerBase',
      tickRequests: (from, to) => (to > from ? [{ request: spanTick(from, to), upTo: to }] : []),
      answerMaxBytes: 1024 * 1024,
      tickTimeoutMs: 1000,
      setupTimeoutMs: 1000,
      onEvent: (event) => events.push(event),
      ...overrides,
    },
    { log },
  );
  fleet.tick(upTo);
  await fleet.start();
  await until('the orchestrator is found', () => fleet.health().orchestratorConnected);
  return {
    fleet,
    orchestrator,
    models: stubs,
    events,
    model(modelId) {
      const stub = stubs[modelId];
      if (stub === undefined) throw new Error(`Cannot find stub "${modelId}"`);
      return stub;
    },
    until,
    async close() {
      await fleet.stop();
      await orchestrator.close();
      await Promise.all(Object.values(stubs).map((stub) => stub.close()));
    },
  };
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries += 1) {
    if (tries > 2000) throw new Error(`Waited 10 s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
