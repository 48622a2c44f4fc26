import assert from 'node:assert/strict';
import test from 'node:test';
import type { Game } from '../domain/game.ts';
import { game, noon, prediction, standing } from './fixture.ts';
import { globalRows, paramRows, predictionRows } from './history-rows.ts';

test('globalRows() gives one row for each snapshot', () => {
  assert.deepEqual(globalRows([{ asOf: noon, standing: standing('7', 1, 0) }]), [
    { model_id: '7', score_recent: 0, score_steady: 0, score_anchor: null, performed_at: '2026-01-05T12:00:00' },
  ]);
});

test('paramRows() gives one row for each asset of each profile, as asset-horizon-step', () => {
  const rows = paramRows([{ asOf: noon, standing: standing('7', 1, 4) }], game);
  assert.deepEqual(
    rows.map(({ param }) => param),
    ['BTC-86400-300', 'ETH-86400-300', 'BTC-3600-60'],
  );
  assert.deepEqual(rows[0], {
    model_id: '7',
    param: 'BTC-86400-300',
    asset: 'BTC',
    horizon: 86_400,
    step: 300,
    score_recent: 4,
    score_steady: 4,
    score_anchor: null,
    performed_at: '2026-01-05T12:00:00',
  });
});

test('paramRows() joins several steps and names the smallest', () => {
  const profiles = [{ ...game.profiles[1], stepsSeconds: [300, 60] }] as unknown as Game['profiles'];
  const [row] = paramRows([{ asOf: noon, standing: standing('7', 1, 4) }], { ...game, profiles });
  assert.deepEqual([row?.param, row?.step], ['BTC-3600-300+60', 60]);
});

test('predictionRows() gives points as the score value', () => {
  assert.deepEqual(predictionRows([prediction(noon, { points: 0 })], game), [
    {
      model_id: '7',
      param: 'BTC-3600-60',
      asset: 'BTC',
      horizon: 3600,
      step: 60,
      score_value: 0,
      score_failed: false,
      score_failed_reason: null,
      scored_at: '2026-01-05T13:01:00',
      performed_at: '2026-01-05T12:00:00',
    },
  ]);
});

test('predictionRows() says in our words why an answer is missing', () => {
  const missing = { answered: false, points: -100, score: null, verdict: null } as const;
  const rows = predictionRows(
    [
      prediction(noon, { ...missing, status: 'timeout', cause: 'timeout' }),
      prediction(noon, { ...missing, status: 'absent', cause: null }),
      prediction(noon, { ...missing, verdict: 'invalid', verdictReason: '[3].weight: -1, wanted > 0\u202E' }),
      prediction(noon, { ...missing, verdict: 'invalid', verdictReason: 'x'.repeat(9000) }),
      prediction(noon, { ...missing, verdict: 'valid' }),
    ],
    game,
  );
  assert.ok(rows.every(({ score_failed, score_value }) => score_failed && score_value === -100));
  assert.deepEqual(
    rows.map(({ score_failed_reason }) => score_failed_reason?.slice(0, 60)),
    [
      'timeout: no whole answer before the deadline',
      'absent',
      'invalid: [3].weight: -1, wanted > 0',
      `invalid: ${'x'.repeat(51)}`,
      'unscored: the forecast gave no finite score',
    ],
  );
  assert.equal(rows[3]?.score_failed_reason?.length, 200);
});

test('predictionRows() leaves out a profile the game no longer has', () => {
  assert.deepEqual(predictionRows([prediction(noon, { profile: 'old' })], game), []);
});
