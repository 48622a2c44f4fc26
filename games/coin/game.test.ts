import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slotsBetween } from '../../src/domain/grid.ts';
import coin from './game.ts';

test('coin asks each asset once in ten seconds, five seconds apart', () => {
  const slots = slotsBetween(coin, 999, 1019).map(({ asset, startedAt }) => `${asset} ${startedAt}`);
  assert.deepEqual(slots, ['COIN 1000', 'DICE 1005', 'COIN 1010', 'DICE 1015']);
});

test('coin scores its own baseline as zero points', () => {
  const question = { asset: 'COIN', horizonSeconds: 10, stepsSeconds: [1], startedAt: 1000 };
  const context = coin.context(question, { pricedAt: [], price: [] });
  const outcome = [{ stepSeconds: 1, x: new Float64Array(10).fill(1e-4) }];
  const baselineScore = coin.score(coin.baseline(question, context), outcome, context);
  assert.deepEqual(coin.points([baselineScore], baselineScore, context), [0]);
});
