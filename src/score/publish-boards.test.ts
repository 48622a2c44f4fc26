import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WindowComparison, WindowDifference } from '../domain/board.ts';
import type { BoardRepository } from '../domain/repositories.ts';
import type { Log } from '../lib/log.ts';
import { createMemoryRepositories } from '../storage/memory.ts';
import { publishBoards } from './publish-boards.ts';
import game from './test-game.ts';
import { competition, startedAt } from './test-scenario.ts';

const own = { game, gameVersion: 'v1' };
const signal = new AbortController().signal;

function at(now: number) {
  return { competition, clock: { now, speed: 1, mode: 'live', startedAt } } as const;
}

/** What is logged as an error, by its first words. */
function hearing() {
  const errors: { readonly what: unknown; readonly words: string }[] = [];
  const log = { error: (what: unknown, words: string) => errors.push({ what, words }) } as unknown as Log;
  return { log, errors };
}

test('fault 5.1 #11: publishBoards() does nothing until the next board instant, however often it is called', async () => {
  const { board, report } = createMemoryRepositories();
  const { log } = hearing();
  const turns = [60, 61, 80, 119].map((seconds) => startedAt + seconds);
  const published = [];
  for (const now of turns) {
    published.push(
      (await publishBoards({ own, boards: board, log }, at(now), Number.POSITIVE_INFINITY, signal)).published,
    );
  }
  assert.deepEqual(published, [1, 0, 0, 0]);
  assert.deepEqual(await report.snapshots(null, startedAt, startedAt + 60, 10), []);
});

test('publishBoards() says which windows differed from their scores, a slice a turn, after the boards', async () => {
  const difference = (modelId: string): WindowDifference => ({
    modelId,
    window: 'steady',
    kept: { sum: '2', count: 1, answered: 1 },
    computed: { sum: '1', count: 1, answered: 1 },
  });
  const slice = { rule: 'tiny', asset: 'BTC', profile: '1h', asOf: startedAt + 120 };
  const found: WindowComparison[] = [
    { ...slice, differences: Array.from({ length: 12 }, (_, i) => difference(`m${i}`)) },
    { ...slice, asset: 'ETH', differences: [] },
  ];
  const calls: string[] = [];
  const { board } = createMemoryRepositories();
  const boards: BoardRepository = {
    ...board,
    publish: (asOf, options) => {
      calls.push(`publish ${asOf - startedAt}`);
      return board.publish(asOf, options);
    },
    compareWindows: async (asOf) => {
      calls.push(`compare ${asOf - startedAt}`);
      return found.shift() ?? null;
    },
  };
  const { log, errors } = hearing();
  const turn = (seconds: number) =>
    publishBoards({ own, boards, log }, at(startedAt + seconds), Number.POSITIVE_INFINITY, signal);
  assert.deepEqual(await turn(120), { published: 2, hasMore: true });
  assert.deepEqual(await turn(180), { published: 1, hasMore: true });
  assert.deepEqual(await turn(180), { published: 0, hasMore: false });
  assert.deepEqual(calls, ['publish 60', 'publish 120', 'compare 120', 'publish 180', 'compare 180', 'compare 180']);
  assert.equal(errors.length, 11, 'ten of a slice, and how many there are');
  assert.deepEqual(errors[0]?.what, { ...slice, ...difference('m0') });
  assert.match(errors[0]?.words ?? '', /differs from its scores/);
  assert.deepEqual(errors[10]?.what, { ...slice, differences: 12 });
});
