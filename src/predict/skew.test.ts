import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../lib/log.ts';
import { watchSkew } from './skew.ts';

test('watchSkew() tolerates half a minute and no more', async () => {
  let theirs = 1_000;
  const skew = watchSkew(
    async () => theirs,
    silentLog,
    () => 1_000,
  );

  await skew.measure();
  assert.deepEqual([skew.seconds(), skew.isTolerable()], [0, true]);
  theirs = 970;
  await skew.measure();
  assert.deepEqual([skew.seconds(), skew.isTolerable()], [30, true]);
  theirs = 1_031;
  await skew.measure();
  assert.deepEqual([skew.seconds(), skew.isTolerable()], [-31, false]);
});

test('watchSkew() keeps what it knows while the database is away', async () => {
  const answers = [async () => 900, async () => Promise.reject(new Error('away'))];
  const skew = watchSkew(
    () => (answers.shift() ?? (async () => 0))(),
    silentLog,
    () => 1_000,
  );

  await skew.measure();
  await skew.measure();

  assert.equal(skew.seconds(), 100);
});
