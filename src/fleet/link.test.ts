import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallOutcome } from './fleet.ts';
import { type Harness, heard, question, spanTick, startFleet } from './testing/harness.ts';
import { type StubModel, type StubOptions, stubModel } from './testing/stub-model.ts';

// Each test speaks of one model, `m`, over real sockets.

test('Link gives a newcomer its history chunk by chunk before it is ready', async (t) => {
  const { fleet, model, until } = await startOne(t, {}, { tickRequests: chunksOf(40) });
  await until('m is ready', () => fleet.ready().length === 1);
  assert.deepEqual(heard(model('m')), ['start-40', '40-80', '80-100']);
});

test('Link leaves the cursor after a failed tick, so that the next one fills the hole', async (t) => {
  const { fleet, model } = await ready(t, {});
  model('m').behave({ tick: 'raise' });
  fleet.tick(160);
  await fleet.idle();
  model('m').behave({ tick: 'honest' });
  fleet.tick(220);
  await fleet.idle();
  assert.deepEqual(heard(model('m')), ['start-100', '100-160', '100-220']);
});

test('Link merges the ticks that come while the model is at work', async (t) => {
  const { fleet, model } = await ready(t, { delayMs: 30 });
  for (const upTo of [160, 220, 280]) fleet.tick(upTo);
  await fleet.idle();
  assert.deepEqual(heard(model('m')), ['start-100', '100-160', '160-280']);
});

test('Link sends every tick before the question that came after it', async (t) => {
  const { fleet, model } = await ready(t, { delayMs: 30 });
  fleet.tick(160);
  const outcomes = await fleet.ask(['m'], question, 5000);
  assert.equal(outcomes.get('m')?.status, 'success');
  assert.deepEqual(heard(model('m')), ['start-100', '100-160', 'ask']);
});

test('Link sets up and tells again from the start when the runner has lost its instance', async (t) => {
  const { fleet, model, events } = await ready(t, {});
  model('m').forget();
  const outcomes = await fleet.ask(['m'], question, 5000);
  assert.equal(outcomes.get('m')?.status, 'success');
  assert.deepEqual(heard(model('m')), ['start-100', 'ask', 'start-100', 'ask']);
  assert.equal(model('m').counts.Setup, 2);
  assert.equal(events.filter(({ type }) => type === 'gone').length, 0);
});

test('Link keeps the cursor over a lost connection when the instance is the same', async (t) => {
  const { fleet, model, until } = await ready(t, {});
  model('m').drop({ keepInstance: true });
  await until('m is gone', () => fleet.ready().length === 0);
  fleet.tick(160);
  await until('m is back', () => fleet.ready().length === 1);
  assert.deepEqual(heard(model('m')), ['start-100', '100-160']);
});

test('Link tells everything again after a lost connection when the instance is new', async (t) => {
  const { fleet, model, until, events } = await ready(t, {});
  model('m').drop();
  await until('m is gone', () => fleet.ready().length === 0);
  await until('m is back', () => fleet.ready().length === 1);
  assert.deepEqual(heard(model('m')), ['start-100', 'start-100']);
  assert.deepEqual(events.map(({ type }) => type).slice(1), ['ready', 'gone', 'ready']);
});

test('Link tells everything when the instance is older than this process', async (t) => {
  const first = await ready(t, {});
  await first.fleet.stop();
  const { port } = first.model('m');
  const second = await startFleet({});
  t.after(second.close);
  second.orchestrator.update([{ model_id: 'm', port }]);
  await second.until('m is ready', () => second.fleet.ready().length === 1);
  assert.deepEqual(heard(first.model('m')), ['start-100', 'start-100']);
});

test('Link waits for a busy runner after a call that timed out, and is told apart from a slow one', async (t) => {
  const { fleet, model } = await ready(t, {});
  model('m').behave({ delayMs: 400 });
  const slow = await fleet.ask(['m'], question, 50);
  const busy = await fleet.ask(['m'], question, 100);
  model('m').behave({ delayMs: 0 });
  const patient = await fleet.ask(['m'], question, 5000);
  assert.deepEqual([slow, busy, patient].map(verdictOf), ['timeout timeout', 'timeout busy', 'success']);
});

test('Link times out a question that was never sent because the model was at work, and never sends it', async (t) => {
  const { fleet, model } = await ready(t, {});
  model('m').behave({ delayMs: 200 });
  const first = fleet.ask(['m'], question, 5000);
  const second = await fleet.ask(['m'], question, 50);
  assert.equal(verdictOf(second), 'timeout busy');
  assert.equal(verdictOf(await first), 'success');
  assert.equal(model('m').counts.predict, 1);
});

test('Link ends a question with crashed when the model dies, and with absent while it is away', async (t) => {
  const { fleet, model, until } = await ready(t, { predict: 'silent' });
  const asked = fleet.ask(['m'], question, 5000);
  await until('the question has come', () => model('m').counts.predict === 1);
  await model('m').close();
  assert.equal(verdictOf(await asked), 'failed crashed');
  assert.equal(verdictOf(await fleet.ask(['m'], question, 5000)), 'absent absent');
});

test('Link tries again when the runner listens late', async (t) => {
  const placeholder = await stubModel();
  const { port } = placeholder;
  await placeholder.close();
  const { fleet, orchestrator, until } = await startOne(t, {});
  orchestrator.update([{ model_id: 'late', port }]);
  await until('m is ready', () => fleet.ready().length === 1);
  const late = await stubModel({ port });
  t.after(() => late.close());
  await until('late is ready', () => fleet.ready().length === 2);
});

test('Link is not ready while Setup fails or never ends, and others are', async (t) => {
  const { fleet, models, orchestrator, until } = await startOne(t, {}, { setupTimeoutMs: 100 });
  const broken = await addStub(t, { setup: 'bad-implementation' });
  const endless = await addStub(t, { setup: 'silent' });
  orchestrator.update([
    { model_id: 'broken', port: broken.port },
    { model_id: 'endless', port: endless.port },
  ]);
  await until('m is ready', () => fleet.ready().length === 1);
  await until('Setup was tried again where it may help', () => (endless.counts.Setup ?? 0) >= 2);
  assert.equal(broken.counts.Setup, 1);
  endless.behave({ setup: 'honest' });
  await until('endless is ready', () => fleet.ready().length === 2);
  assert.deepEqual(fleet.ready(), ['endless', 'm']);
  assert.ok(models.m);
});

test('Link of one model that takes no history keeps nobody waiting', async (t) => {
  const { fleet, orchestrator, until } = await startOne(t, {}, { tickTimeoutMs: 100 });
  const deaf = await addStub(t, { tick: 'silent' });
  orchestrator.update([{ model_id: 'deaf', port: deaf.port }]);
  await until('m is ready', () => fleet.ready().length === 1);
  await until('deaf was told twice', () => (deaf.counts.tick ?? 0) >= 2);
  assert.deepEqual(fleet.ready(), ['m']);
});

test('Link fails only its own question when the game cannot make a tick', async (t) => {
  const tickRequests = (from: number, upTo: number) => {
    if (upTo > 100) throw new Error('a bug of the game');
    return [{ request: spanTick(from, upTo), upTo }];
  };
  const { fleet } = await ready(t, {}, { tickRequests });
  fleet.tick(160);
  assert.equal(verdictOf(await fleet.ask(['m'], question, 5000)), 'success');
});

async function startOne(t: Test, stub: StubOptions, options: Parameters<typeof startFleet>[1] = {}): Promise<Harness> {
  const harness = await startFleet({ m: stub }, options);
  t.after(harness.close);
  return harness;
}

async function ready(t: Test, stub: StubOptions, options: Parameters<typeof startFleet>[1] = {}): Promise<Harness> {
  const harness = await startOne(t, stub, options);
  await harness.until('m is ready', () => harness.fleet.ready().length === 1);
  return harness;
}

async function addStub(t: Test, options: StubOptions): Promise<StubModel> {
  const stub = await stubModel({ record: true, ...options });
  t.after(() => stub.close());
  return stub;
}

interface Test {
  after(fn: () => unknown): void;
}

/** tickRequests in chunks of `span`. */
function chunksOf(span: number) {
  return (cursor: number, upTo: number) => {
    const chunks: { request: Uint8Array; upTo: number }[] = [];
    for (let from = cursor; from < upTo; from = chunks.at(-1)?.upTo ?? upTo) {
      const to = Math.min(upTo, (Number.isFinite(from) ? from : 0) + span);
      chunks.push({ request: spanTick(from, to), upTo: to });
    }
    return chunks;
  };
}

function verdictOf(outcomes: ReadonlyMap<string, CallOutcome>): string {
  const outcome = outcomes.get('m');
  return outcome?.status === 'success' ? 'success' : `${outcome?.status} ${outcome?.cause}`;
}
