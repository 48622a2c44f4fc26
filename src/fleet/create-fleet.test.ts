import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallOutcome } from './fleet.ts';
import { mixtureAnswer } from './testing/answers.ts';
import { heard, question, startFleet } from './testing/harness.ts';

test('createFleet() connects, sets up, tells and asks every announced model', async (t) => {
  const { fleet, orchestrator, events, model, until, close } = await startFleet({ a: {}, b: {}, c: {} });
  t.after(close);
  await until('all are ready', () => fleet.ready().length === 3);

  fleet.tick(160);
  await fleet.idle();
  const outcomes = await fleet.ask(['c', 'nobody', 'a', 'b'], question, 5000);

  assert.deepEqual(orchestrator.paths, ['/condorgame']);
  assert.deepEqual([...outcomes.keys()], ['c', 'nobody', 'a', 'b']);
  assert.equal(outcomes.get('nobody')?.status, 'absent');
  for (const id of ['a', 'b', 'c']) {
    assert.equal(answerOf(outcomes.get(id)), mixtureAnswer());
    assert.deepEqual(heard(model(id)), ['start-100', '100-160', 'ask']);
  }
  assert.deepEqual(
    events.map(({ type }) => type),
    ['announced', 'announced', 'announced', 'ready', 'ready', 'ready'],
  );
  assert.deepEqual(fleet.health(), {
    orchestratorConnected: true,
    announced: 3,
    ready: 3,
    queuedCalls: 0,
    inFlightBytes: 0,
    ignoredMessages: 0,
  });
});

function answerOf(outcome: CallOutcome | undefined): string | null {
  return outcome?.status === 'success' ? Buffer.from(outcome.answer.bytes).toString('utf8') : null;
}
