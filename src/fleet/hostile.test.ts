import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallOutcome } from './fleet.ts';
import { mixtureAnswer } from './testing/answers.ts';
import { type Behaviour, everyBehaviour } from './testing/behaviours.ts';
import { question, startFleet } from './testing/harness.ts';

const isNode20 = process.version.startsWith('v20.');

// How a question to a model that behaves so must end: status, cause, what the detail says.
const expected: Record<Behaviour, readonly [CallOutcome['status'], string, RegExp?]> = {
  honest: ['success', 'json'],
  null: ['success', 'json'],
  none: ['success', 'none'],
  hang: ['timeout', 'timeout'],
  silent: ['timeout', 'timeout'],
  trickle: ['timeout', 'timeout'],
  busy: ['timeout', 'busy', /Server busy/],
  crash: ['failed', 'crashed', /connection lost/],
  // Node 20's HTTP/2 stops reading without a word; newer ones end the connection.
  'garbage-connection': isNode20 ? ['timeout', 'timeout'] : ['failed', 'crashed'],
  'endless-headers': ['failed', 'crashed', /connection lost/],
  flood: ['failed', 'crashed', /bytes that belong to no answer/],
  'no-trailers': ['failed', 'crashed', /without trailers/],
  reset: ['failed', 'crashed', /without trailers/],
  huge: ['failed', 'oversize', /100000000 bytes/],
  garbage: ['failed', 'undecodable'],
  'bad-trailers': ['failed', 'undecodable', /grpc-status is "fine"/],
  compressed: ['failed', 'undecodable', /compressed/],
  'two-messages': ['failed', 'undecodable', /more than one message/],
  truncated: ['failed', 'undecodable', /ends after 3 of 1000/],
  'http-404': ['failed', 'undecodable', /HTTP status 404/],
  raise: ['failed', 'raised', /^MODEL_FAILED: The model raised an exception: oh no$/],
  'bad-implementation': ['failed', 'raised', /BAD_IMPLEMENTATION/],
  unimplemented: ['failed', 'raised', /UNIMPLEMENTED: Method not found/],
  unauthenticated: ['failed', 'unauthenticated'],
};
const honestAnswer = Buffer.from(mixtureAnswer());
const honest = Array.from({ length: 9 }, (_, i) => `honest-${i}`);

test('ask() turns every way of going wrong into its outcome and leaves the honest alone', async (t) => {
  const offenders = everyBehaviour.map((behaviour) => [behaviour, { predict: behaviour }] as const);
  const stubs = { ...Object.fromEntries(offenders), ...Object.fromEntries(honest.map((id) => [id, {}])) };
  const { fleet, models, until, close } = await startFleet(stubs);
  t.after(close);
  await until('all are ready', () => fleet.ready().length === Object.keys(stubs).length);

  const outcomes = await fleet.ask(Object.keys(stubs), question, 2000);

  for (const behaviour of everyBehaviour) {
    const [status, word, detail] = expected[behaviour];
    const outcome = outcomes.get(behaviour);
    assert.ok(outcome, behaviour);
    const said = outcome.status === 'success' ? outcome.answer.type : outcome.cause;
    assert.deepEqual([behaviour, outcome.status, said], [behaviour, status, word]);
    if (detail && outcome.status !== 'success') assert.match(outcome.detail ?? '', detail, behaviour);
  }
  for (const id of honest) assert.equal(answerOf(outcomes.get(id)), 'whole', id);
  assert.equal(fleet.health().inFlightBytes, 0);

  // Given that they mend their ways, all are back, but for the one whose connection must die first.
  for (const stub of Object.values(models)) stub.behave({ predict: 'honest' });
  models.hang?.drop();
  await until('hang is gone', () => !fleet.ready().includes('hang'));
  await until('all are back', () => fleet.ready().length === Object.keys(stubs).length);
  const mended = Object.keys(stubs).filter((id) => id !== 'garbage-connection');
  for (const [id, outcome] of await fleet.ask(mended, question, 5000)) assert.equal(answerOf(outcome), 'whole', id);
});

/** `whole` for exactly the answer that honest stubs give. */
function answerOf(outcome: CallOutcome | undefined): string {
  if (outcome?.status !== 'success') return JSON.stringify(outcome);
  return Buffer.from(outcome.answer.bytes).equals(honestAnswer) ? 'whole' : `${outcome.answer.bytes.length} bytes`;
}
