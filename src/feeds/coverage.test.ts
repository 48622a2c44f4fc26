import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCoverage } from './coverage.ts';

test('createCoverage() takes each candle once, and none from before it began', () => {
  const coverage = createCoverage(600, 60);
  assert.deepEqual([600, 660, 660, 720].map(coverage.take), [false, true, false, true]);
  assert.equal(coverage.knownUntil, 720);
  assert.equal(coverage.hasHole, false);
});

test('createCoverage() sees a hole until its last candle has come', () => {
  const coverage = createCoverage(600, 60);
  for (const pricedAt of [660, 840, 780]) assert.equal(coverage.take(pricedAt), true);
  assert.deepEqual([coverage.knownUntil, coverage.hasHole], [660, true]);
  assert.deepEqual([720, 720, 780, 840].map(coverage.take), [true, false, false, false]);
  assert.deepEqual([coverage.knownUntil, coverage.hasHole], [840, false]);
});

test('createCoverage() closes a hole that the exchange confirms', () => {
  const coverage = createCoverage(600, 60);
  for (const pricedAt of [840, 900, 1020]) coverage.take(pricedAt);
  coverage.confirmUntil(840);
  assert.deepEqual([coverage.knownUntil, coverage.hasHole], [900, true]);
  coverage.confirmUntil(660); // an older list takes nothing back
  assert.equal(coverage.knownUntil, 900);
});

test('createCoverage() gives up a hole rather than remember for ever', () => {
  const coverage = createCoverage(0, 1);
  for (let pricedAt = 3; pricedAt <= 10_003; pricedAt += 1) coverage.take(pricedAt);
  assert.deepEqual([coverage.knownUntil, coverage.hasHole], [10_003, false]);
});
