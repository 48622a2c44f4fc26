import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RankedModel, shareOutRewards } from './rewards.ts';

/** `ann:fast 0.7`: player, model, score (`-` for none). */
function models(...rows: string[]): RankedModel[] {
  return rows.map((row) => {
    const [who = '', score = ''] = row.split(' ');
    const [player = '', modelName = ''] = who.split(':');
    return { modelId: who, modelName, player, score: score === '-' ? null : Number(score) };
  });
}

const five = models('ann:a 0.9', 'bob:b 0.8', 'cid:c 0.7', 'dot:d 0.6', 'eve:e 0.5', 'synth:benchmarktracker 0.65');

function paid(board: readonly RankedModel[], options = {}): string[] {
  return shareOutRewards({ '24h': board }, { pool: 100, ...options }).rewards.map(({ modelId }) => modelId);
}

test('shareOutRewards() gives four places their shares of the pool', () => {
  const { rewards, unspent } = shareOutRewards({ '24h': five }, { pool: 1 });
  assert.deepEqual(
    rewards.map(({ fraction }) => fraction.toFixed(6)),
    ['0.385756', '0.233973', '0.198054', '0.182218'],
  );
  assert.ok(unspent < 1e-15);
});

test('shareOutRewards() splits a real pool over two profiles as the existing game did', () => {
  const { rewards, byPlayer } = shareOutRewards({ '3600': five, '86400': five }, { pool: 392.7866 });
  const amounts = ['75.76', '45.95', '38.90', '35.79'];
  assert.deepEqual(
    rewards.map(({ amount }) => amount.toFixed(2)),
    [...amounts, ...amounts],
  );
  assert.deepEqual(byPlayer[0], { player: 'ann', amount: 2 * (rewards[0]?.amount as number) });
});

test('shareOutRewards() pays the best model of each player, and never the benchmark', () => {
  const board = models('synth:benchmarktracker 0.99', 'ann:a 0.9', 'ann:b 0.95', 'bob:c 0.8', 'bob:d 0');
  assert.deepEqual(paid(board), ['ann:b', 'bob:c']);
});

test("shareOutRewards() takes nothing out when a better model of the benchmark's player hides it", () => {
  const board = models('synth:benchmarktracker 0.7', 'synth:other 0.8', 'ann:a 0.9');
  assert.deepEqual(paid(board), ['ann:a', 'synth:other']);
  assert.throws(() => paid(board, { cutoff: true }), {
    message: 'Cannot cut "24h" off at the benchmark: no model "benchmarktracker" is the best of player "synth"',
  });
});

test('shareOutRewards() with a cutoff pays only what is above the benchmark, at the place it has', () => {
  const { rewards, unspent } = shareOutRewards({ '24h': five }, { pool: 100, cutoff: true });
  assert.deepEqual(
    rewards.map(({ player, place }) => `${player} ${place}`),
    ['ann 1', 'bob 2', 'cid 3'],
  );
  assert.ok(Math.abs(unspent - 18.2218) < 1e-4, 'the fourth place stays in the pool');
  const level = models('synth:benchmarktracker 0.5', 'ann:a 0.5');
  assert.deepEqual(paid(level, { cutoff: true }), [], 'as good as the benchmark is not above it');
});

test('shareOutRewards() drops scores of null and 0 and leaves their places unspent', () => {
  const board = models('ann:a -', 'bob:b 0', 'cid:c 0.1');
  const { rewards, unspent } = shareOutRewards({ '24h': board, '1h': models('ann:a -') }, { pool: 100 });
  assert.deepEqual(
    rewards.map(({ modelId, place }) => [modelId, place]),
    [['cid:c', 1]],
  );
  assert.ok(Math.abs(unspent - (100 - 50 * 0.385756)) < 1e-4);
});

test('shareOutRewards() gives equal scores different places, by player, in whatever order they come', () => {
  const board = models('cid:c 0.5', 'ann:a 0.5', 'bob:b 0.5');
  assert.deepEqual(paid(board), ['ann:a', 'bob:b', 'cid:c']);
  assert.deepEqual(paid(board.toReversed()), ['ann:a', 'bob:b', 'cid:c']);
});

test('shareOutRewards() of an empty board spends nothing', () => {
  assert.deepEqual(shareOutRewards({}, { pool: 10 }), { rewards: [], byPlayer: [], unspent: 10 });
  assert.deepEqual(shareOutRewards({ '24h': [] }, { pool: 10 }), { rewards: [], byPlayer: [], unspent: 10 });
});

test('shareOutRewards() refuses a pool, a number of places and an alpha that make no sense', () => {
  for (const options of [{ pool: -1 }, { pool: Number.NaN }, { pool: 1, places: 0 }, { pool: 1, alpha: 1e6 }]) {
    assert.throws(() => shareOutRewards({ '24h': five }, options), RangeError);
  }
});
