import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import type { StoredPrediction } from '../domain/repositories.ts';
import { silentLog } from '../lib/log.ts';
import { crps } from '../scoring/crps.ts';
import { normalDensity } from '../scoring/distribution.ts';
import { hostile, hostileToShadow } from './test-game.ts';
import { createScoringThreads, type RoundTask, type ScoringThreads } from './threads.ts';

const gamePath = fileURLToPath(new URL('./test-game.js', import.meta.url));

const task: RoundTask = {
  roundId: '2m.AAA.1200',
  shadowRules: ['tiny-near', 'tiny-first'],
  question: { asset: 'AAA', startedAt: 1200, horizonSeconds: 120, stepsSeconds: [60] },
  maxBytes: 65_536,
  minScale: 1e-6,
  outcome: { realized: [{ stepSeconds: 60, x: Float64Array.of(1, 3) }], context: null },
};

const forecastAt = (loc: number) =>
  JSON.stringify([1, 2].map(() => ({ type: 'builtin', name: 'norm', params: { loc, scale: 1 } })));

function answered(modelId: string, text: string, codec: 'br' | 'raw' = 'br'): StoredPrediction {
  const bytes = Buffer.from(text);
  return {
    roundId: task.roundId,
    modelId,
    deploymentId: 'd',
    status: 'success',
    cause: null,
    detail: null,
    answeredAt: 1201,
    latencyUs: 1,
    queuedUs: 1,
    variantType: 'json',
    codec,
    payload: codec === 'br' ? brotliCompressSync(bytes) : bytes,
    payloadBytes: bytes.length,
  };
}

const timedOut: StoredPrediction = {
  ...answered('late', ''),
  status: 'timeout',
  cause: 'timeout',
  codec: null,
  payload: null,
};

let threads: ScoringThreads;
before(() => {
  threads = createScoringThreads({ game: gamePath, threads: 2, log: silentLog, answerTimeoutMs: 3_000 });
});
after(() => threads.close());

/** `model: verdict or score` of a round. */
async function outcomeOf(predictions: readonly StoredPrediction[], of = task) {
  const { verdicts, scores, baseline } = await threads.scoreRound(of, [predictions]);
  return {
    baseline,
    verdicts: Object.fromEntries(verdicts.map(({ modelId, verdict, reason }) => [modelId, reason ?? verdict])),
    scores: Object.fromEntries(scores),
  };
}

test('scoreRound() scores valid answers and the baseline, and gives no verdict on what is no success', async () => {
  const predictions = [answered('a', forecastAt(1)), timedOut, answered('z', forecastAt(4), 'raw')];
  assert.deepEqual(await outcomeOf(predictions), {
    baseline: 2,
    verdicts: { a: 'valid', z: 'valid' },
    scores: { a: 1, z: 2 },
  });
});

test('scoreRound() scores the baseline of a round that nobody answered', async () => {
  assert.deepEqual(await outcomeOf([timedOut]), { baseline: 2, verdicts: {}, scores: {} });
});

test('scoreRound() without an outcome looks at validity alone', async () => {
  const { baseline, verdicts, scores } = await outcomeOf([answered('a', forecastAt(hostile.throws))], {
    ...task,
    outcome: null,
  });
  assert.deepEqual([baseline, verdicts, scores], [null, { a: 'valid' }, {}]);
});

test('scoreRound() gives a poisonous answer a verdict and the others their scores (peer-faults 5.1 4)', async () => {
  const bomb = {
    ...answered('bomb', ''),
    payload: brotliCompressSync(Buffer.alloc(70_000, '[')),
    payloadBytes: 70_000,
  };
  const torn = { ...answered('torn', ''), payload: Buffer.from([1, 2, 3]) };
  const { verdicts, scores } = await outcomeOf([
    answered('array', '[]'),
    bomb,
    answered('deep', '['.repeat(60_000)),
    answered('empty', ''),
    answered('honest', forecastAt(1)),
    answered('nan', forecastAt(hostile.isNaN)),
    answered('null', 'null'),
    answered('nul', '[{"type":"builtin","name":"a\\u0000\\u202eb","params":{}},0]'),
    { ...answered('payloadless', ''), codec: null, payload: null, variantType: null },
    answered('throws', forecastAt(hostile.throws)),
    torn,
  ]);
  assert.deepEqual(scores, { honest: 1 });
  assert.equal(verdicts.honest, 'valid');
  assert.equal(verdicts.nan, 'could not be scored: its score is NaN');
  assert.equal(verdicts.throws, 'could not be scored: thrown by score');
  for (const [modelId, reason] of Object.entries(verdicts)) {
    assert.ok(reason.length <= 300, modelId);
    assert.doesNotMatch(reason, /[\p{Cc}\p{Cf}\p{Cs}]/u, modelId);
    if (modelId !== 'honest') assert.notEqual(reason, 'valid', modelId);
  }
});

test('scoreRound() finds the answers that bring a thread down or hold it up, and scores the rest', async () => {
  const fatal = 'could not be scored: it takes too long or too much memory';
  const { baseline, verdicts, scores } = await outcomeOf([
    answered('a', forecastAt(1)),
    answered('exits', forecastAt(hostile.exits)),
    answered('hangs', forecastAt(hostile.hangs)),
    answered('z', forecastAt(4)),
  ]);
  assert.deepEqual(verdicts, { a: 'valid', exits: fatal, hangs: fatal, z: 'valid' });
  assert.deepEqual([baseline, scores], [2, { a: 1, z: 2 }]);
});

test('scoreRound() computes shadow rules beside the score; what defeats one is missing under it alone', async () => {
  const { scores, shadows, verdicts } = await threads.scoreRound(task, [
    [answered('a', forecastAt(1)), answered('exits', forecastAt(hostileToShadow.exits))],
    [answered('nan', forecastAt(hostileToShadow.isNaN)), answered('throws', forecastAt(hostileToShadow.throws))],
  ]);
  assert.deepEqual(
    verdicts.map(({ verdict }) => verdict),
    ['valid', 'valid', 'valid', 'valid'],
  );
  assert.deepEqual([...scores.keys()], ['a', 'exits', 'nan', 'throws']);
  const [near, first] = shadows;
  assert.deepEqual([near?.baseline, Object.fromEntries(near?.scores ?? [])], [0.5, { a: 1 }]);
  // The one that ended its thread was scored again without any shadow.
  assert.deepEqual(
    [first?.baseline, Object.fromEntries(first?.scores ?? [])],
    [0, { a: 1, nan: hostileToShadow.isNaN, throws: hostileToShadow.throws }],
  );
});

test('scoreRound() tells what each hour adds, and how each forecast was calibrated', async () => {
  const { details, baselineHours } = await threads.scoreRound(
    { ...task, question: { ...task.question, startedAt: 3480 } }, // its steps end at 3540 and, an hour later, 3600
    [[answered('a', forecastAt(1)), answered('nan', forecastAt(hostile.isNaN))]],
  );
  assert.deepEqual([...details.keys()], ['a']);
  const { hours, calibration } = details.get('a') ?? assert.fail('a has no details');
  assert.deepEqual(
    [hours, baselineHours],
    [
      [0.5, 0.5], // the game tells no parts: its score of 1 is spread
      [1, 1],
    ],
  );
  assert.equal(calibration?.steps, 2);
  assert.equal(calibration?.pitCounts.length, 20);
  assert.equal(calibration?.pitCounts[10], 1); // the median was realized, and a place two scales above
  assert.equal(calibration?.pitCounts[19], 1);
  assert.deepEqual(calibration?.covered, [1, 1, 1]);
  const { dispersion, overPrediction, underPrediction } = calibration ?? assert.fail('there is no calibration');
  const normalCrps = (z: number) => crps(normalDensity(0, 1), z);
  const mean = (normalCrps(0) + normalCrps(2)) / 2;
  assert.ok(Math.abs(dispersion + overPrediction + underPrediction - mean) < 1e-12);
  assert.equal(overPrediction, 0);
});

test('scoreRound() rejects, condemning nobody, when the game can not be loaded', async (t) => {
  const gameless = createScoringThreads({ game: '/nowhere/game.ts', threads: 1, log: silentLog });
  t.after(() => gameless.close());
  await assert.rejects(gameless.scoreRound(task, [[answered('a', forecastAt(1))]]), /Cannot find game/);
});

test('close() rejects what is being scored', async () => {
  const closing = createScoringThreads({ game: gamePath, threads: 1, log: silentLog });
  const scoring = closing.scoreRound(task, [[answered('hangs', forecastAt(hostile.hangs))]]);
  await Promise.all([assert.rejects(scoring, /the scoring threads are closed/), closing.close()]);
});
