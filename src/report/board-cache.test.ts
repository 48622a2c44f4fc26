import assert from 'node:assert/strict';
import test from 'node:test';
import { silentLog } from '../lib/log.ts';
import { createBoardCache } from './board-cache.ts';
import { fakeData, fakeRepository, game, leaderboard, noon } from './fixture.ts';
import { guardReads } from './reads.ts';

function open() {
  const data = fakeData();
  const repository = fakeRepository(data);
  let seconds = 0;
  const cache = createBoardCache({
    reads: guardReads(repository, silentLog),
    game,
    log: silentLog,
    now: () => seconds,
  });
  const versions: (number | undefined)[] = [];
  cache.onVersion(({ leaderboard: board }) => versions.push(board?.asOf));
  const passSeconds = (count: number) => {
    seconds += count;
  };
  return { cache, data, repository, versions, passSeconds };
}

test('createBoardCache() tells of a version once, and of nothing when nothing changed', async () => {
  const { cache, data, versions, passSeconds } = open();
  await cache.latest();
  passSeconds(2);
  await cache.latest();
  data.board = leaderboard(noon + 60);
  passSeconds(2);
  await cache.latest();
  assert.deepEqual(versions, [noon, noon + 60]);
});

test('createBoardCache() looks once for all who ask at the same time', async () => {
  const { cache, repository } = open();
  await Promise.all([cache.latest(), cache.latest(), cache.latest()]);
  assert.deepEqual(repository.reads, ['leaderboard', 'models']);
});

test('createBoardCache() keeps the last board while the database is away, without asking for each request', async () => {
  const { cache, data, repository, passSeconds } = open();
  await cache.latest();
  data.failure = new Error('gone');
  passSeconds(2);
  assert.equal((await cache.latest()).leaderboard?.asOf, noon);
  const asked = repository.reads.length;
  passSeconds(2);
  assert.equal((await cache.latest()).leaderboard?.asOf, noon);
  assert.equal(repository.reads.length, asked);
});

test('createBoardCache() notices a database that was emptied', async () => {
  const { cache, data, versions, passSeconds } = open();
  await cache.latest();
  data.board = null;
  passSeconds(2);
  assert.equal((await cache.latest()).rows.plain.toString(), '[]');
  assert.deepEqual(versions, [noon, undefined]);
});
