import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heard, question, startFleet } from './testing/harness.ts';
import { type StubOptions, stubModel } from './testing/stub-model.ts';

// A model `m` runs as deployment `m-1`; the tests replace it by `m-2`.

test('createFleet() has the new deployment ready before the old one goes', async (t) => {
  const { fleet, orchestrator, model, events, until, replacement } = await openReplacement(t, { setup: 'silent' });
  orchestrator.update([{ model_id: 'm', deployment_id: 'm-2', port: replacement.port }]);
  orchestrator.update([{ model_id: 'm', deployment_id: 'm-1', state: 'STOPPED' }]);
  await until('the new one was asked to set up', () => replacement.counts.Setup === 1);

  const before = await fleet.ask(['m'], question, 5000);
  replacement.behave({ setup: 'honest' });
  await until('the new one is ready', () => events.some((e) => e.type === 'ready' && e.model.deploymentId === 'm-2'));
  fleet.tick(160);
  const after = await fleet.ask(['m'], question, 5000);

  assert.equal(deploymentOf(before), 'm-1');
  assert.equal(deploymentOf(after), 'm-2');
  assert.deepEqual(heard(replacement), ['start-100', '100-160', 'ask']);
  assert.deepEqual(heard(model('m')), ['start-100', 'ask']);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['announced', 'ready', 'ready'],
  );
});

test('createFleet() lets a question finish on the deployment that was replaced meanwhile', async (t) => {
  const { fleet, orchestrator, model, events, until, replacement } = await openReplacement(t, {});
  model('m').behave({ delayMs: 300 });
  const running = fleet.ask(['m'], question, 5000);
  await until('the question has come', () => model('m').counts.predict === 1);
  const waiting = fleet.ask(['m'], question, 5000);
  orchestrator.update([{ model_id: 'm', deployment_id: 'm-2', port: replacement.port }]);
  await until('the new one is ready', () => events.some((e) => e.type === 'ready' && e.model.deploymentId === 'm-2'));

  assert.equal(deploymentOf(await waiting), 'm-2');
  assert.equal(deploymentOf(await running), 'm-1');
});

test('createFleet() goes on with the old deployment while the new one fails, until it is stopped', async (t) => {
  const { fleet, orchestrator, events, until, replacement } = await openReplacement(t, { setup: 'bad-implementation' });
  orchestrator.update([{ model_id: 'm', deployment_id: 'm-2', port: replacement.port }]);
  await until('the new one was tried', () => replacement.counts.Setup === 1);
  assert.equal(deploymentOf(await fleet.ask(['m'], question, 5000)), 'm-1');

  orchestrator.update([{ model_id: 'm', deployment_id: 'm-2', state: 'STOPPED' }]);
  await until('m is gone', () => events.some(({ type }) => type === 'gone'));
  assert.deepEqual(fleet.ready(), []);
  assert.equal(fleet.health().announced, 0);
});

test('createFleet() ends a Setup that hangs when the model is stopped', async (t) => {
  const { fleet, orchestrator, until, replacement } = await openReplacement(t, { setup: 'silent' });
  orchestrator.update([{ model_id: 'n', port: replacement.port }]);
  await until('Setup hangs', () => replacement.counts.Setup === 1);
  orchestrator.update([{ model_id: 'n', deployment_id: 'n-1', state: 'RECOVERING' }]);
  await until('its call is over', () => (replacement.counts.closed ?? 0) === 1);
  assert.equal(replacement.counts.connections, 1);
  assert.equal(fleet.health().announced, 1);
});

test('createFleet() takes new names without a new connection', async (t) => {
  const { fleet, orchestrator, model, events, until } = await openReplacement(t, {});
  const { port } = model('m');
  orchestrator.update([{ model_id: 'm', port: String(port), infos: { model_name: 'frank' } }]);
  await until('the name has come', () => events.some((e) => e.type === 'announced' && e.model.modelName === 'frank'));
  assert.deepEqual([fleet.ready(), model('m').counts.connections, model('m').counts.Setup], [['m'], 1, 1]);
});

async function openReplacement(t: { after(fn: () => unknown): void }, options: StubOptions) {
  const harness = await startFleet({ m: {} }, { setupTimeoutMs: 200 });
  t.after(harness.close);
  const replacement = await stubModel({ record: true, ...options });
  t.after(() => replacement.close());
  await harness.until('m is ready', () => harness.fleet.ready().length === 1);
  return { ...harness, replacement };
}

function deploymentOf(outcomes: Awaited<ReturnType<Awaited<ReturnType<typeof startFleet>>['fleet']['ask']>>): string {
  const outcome = outcomes.get('m');
  return outcome?.status === 'success' ? outcome.deploymentId : JSON.stringify(outcome);
}
