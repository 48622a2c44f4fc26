import assert from 'node:assert/strict';
import test from 'node:test';
import { silentLog } from '../lib/log.ts';
import { fakeData, fakeRepository } from './fixture.ts';
import { DatabaseAway, guardReads } from './reads.ts';

test('guardReads() tells when the database goes and when it is back, once each', async () => {
  const data = fakeData();
  const reads = guardReads(fakeRepository(data), silentLog);
  const told: boolean[] = [];
  reads.onReachable((reachable) => told.push(reachable));
  await reads.stats();
  data.failure = new Error('gone');
  await assert.rejects(reads.stats(), DatabaseAway);
  await assert.rejects(reads.leaderboard(), { message: 'Cannot read the leaderboard: gone' });
  data.failure = null;
  await reads.leaderboard();
  assert.deepEqual(told, [true, false, true]);
});

test('guardReads() gives up on a read that takes too long', async () => {
  const repository = { ...fakeRepository(fakeData()), stats: () => new Promise<never>(() => {}) };
  const reads = guardReads(repository, silentLog, { deadlineMs: 5 });
  await assert.rejects(reads.stats(), { message: 'Cannot read the counts: no answer within 5 ms' });
  assert.equal(reads.isReachable(), false);
});

test('guardReads() runs so many at once, lets so many wait, and refuses the rest', async () => {
  const waiting: (() => void)[] = [];
  let most = 0;
  let running = 0;
  const data = fakeData();
  const repository = {
    ...fakeRepository(data),
    models: async () => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => waiting.push(resolve));
      running--;
      return data.models;
    },
  };
  const reads = guardReads(repository, silentLog, { runningMax: 2, waitingMax: 3 });
  const asked = Array.from({ length: 6 }, () => reads.models().then(Boolean, (error: Error) => error.message));
  while (await Promise.race([Promise.all(asked).then(() => false), tick()])) waiting.shift()?.();
  assert.deepEqual(await Promise.all(asked), [
    true,
    true,
    true,
    true,
    true,
    'Cannot read just now: 3 reads are waiting already',
  ]);
  assert.equal(most, 2);
});

function tick(): Promise<boolean> {
  return new Promise((resolve) => setImmediate(() => resolve(true)));
}
