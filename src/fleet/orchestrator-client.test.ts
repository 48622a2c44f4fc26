import assert from 'node:assert/strict';
import { test } from 'node:test';
import { question, startFleet } from './testing/harness.ts';

test('OrchestratorClient comes back after a reset, and models stay callable meanwhile', async (t) => {
  const { fleet, orchestrator, events, until, model } = await openFleet(t);
  orchestrator.drop();
  await until('the connection is lost', () => !fleet.health().orchestratorConnected);
  assert.equal((await fleet.ask(['m'], question, 5000)).get('m')?.status, 'success');
  await until('it is back', () => fleet.health().orchestratorConnected);

  assert.equal(orchestrator.connections, 2);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['announced', 'ready'],
  );
  assert.equal(model('m').counts.connections, 1);
});

test('OrchestratorClient tries a server that closes at once less than once a second', async (t) => {
  const { fleet, orchestrator, until, close } = await startFleet({});
  t.after(close);
  orchestrator.onConnect = 'close';
  orchestrator.closeAll();
  await until('the connection is closed', () => !fleet.health().orchestratorConnected);
  const closedAt = performance.now();
  await until('it tries again', () => orchestrator.connections === 2);
  assert.ok(performance.now() - closedAt > 900); // at least 1,000, less what the close was noticed late
});

test('OrchestratorClient ignores and counts what it cannot understand, and keeps the connection', async (t) => {
  const { fleet, orchestrator, model, until } = await openFleet(t);
  for (const text of ['', 'no json', '{"error": "x"}', '{"event": "dance", "data": []}', 'null'])
    orchestrator.say(text);
  orchestrator.update([{ model_id: 'x', state: 'DANCING' }]);
  orchestrator.say(Buffer.from(JSON.stringify({ event: 'update', data: [] })));
  orchestrator.update([]);
  await until('all is counted', () => fleet.health().ignoredMessages === 6);
  assert.deepEqual([fleet.ready(), orchestrator.connections, model('m').counts.Setup], [['m'], 1, 1]);
});

test('OrchestratorClient takes a message of 17 MiB', async (t) => {
  const { fleet, orchestrator, until } = await openFleet(t);
  const infos = { padding: 'x'.repeat(17 * 1024 * 1024) };
  orchestrator.update([{ model_id: 'm', deployment_id: 'm-1', state: 'STOPPED', infos }]);
  await until('m is gone', () => fleet.health().announced === 0);
});

test('OrchestratorClient drops on a new init what has vanished, ready or not', async (t) => {
  const { fleet, orchestrator, until } = await openFleet(t);
  orchestrator.update([{ model_id: 'never-ready', port: 1 }]);
  await until('both are announced', () => fleet.health().announced === 2);
  orchestrator.init([]);
  await until('none is announced', () => fleet.health().announced === 0);
  assert.deepEqual(fleet.ready(), []);
});

test('Fleet stops with nothing left behind, whatever is open', async () => {
  const { fleet, close, until } = await startFleet({ m: { predict: 'silent' }, n: { setup: 'silent' } });
  await until('m is ready', () => fleet.ready().length === 1);
  const open = fleet.ask(['m'], question, 60_000);
  await close();
  const outcome = (await open).get('m');
  assert.equal(outcome?.status === 'failed' && outcome.cause, 'interrupted');
  await fleet.idle();
  const isOurs = (name: string) => /MessagePort|TCP|Timeout/.test(name);
  await until('nothing is left', () => !process.getActiveResourcesInfo().some(isOurs));
});

async function openFleet(t: { after(fn: () => unknown): void }) {
  const harness = await startFleet({ m: {} });
  t.after(harness.close);
  await harness.until('m is ready', () => harness.fleet.ready().length === 1);
  return harness;
}
