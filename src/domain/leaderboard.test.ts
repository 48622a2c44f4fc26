import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { WindowName, WindowSum } from './board.ts';
import { buildLeaderboard, type LeaderboardOptions } from './leaderboard.ts';
import type { BoardInput } from './repositories.ts';

const day = 86_400;
const asOf = 20 * day;

const options: LeaderboardOptions = {
  asOf,
  game: {
    name: 'test',
    rule: { name: 'test', version: 1, missingPoints: 0, minScale: 1e-8 },
    shadowRules: [],
    assets: [
      { symbol: 'BTC', weight: 3, simulated: { price: 1, candleVolatility: 0.1 } },
      { symbol: 'ETH', weight: 1, simulated: { price: 1, candleVolatility: 0.1 } },
    ],
    profiles: [
      { name: '24h', horizonSeconds: day, stepsSeconds: [300], everySeconds: 3600, assets: ['BTC', 'ETH'] },
      { name: '1h', horizonSeconds: 3600, stepsSeconds: [60], everySeconds: 720, assets: ['BTC'] },
    ],
    windows: [
      { name: 'recent', seconds: day },
      { name: 'steady', seconds: 3 * day },
      { name: 'anchor', seconds: 7 * day },
    ],
  },
  gameVersion: 'v1',
  competition: { seed: 7, world: 'simulated:7' },
};

const counts: BoardInput['counts'] = {
  rounds: { asked: 0, settled: 0, void: 0, skipped: 0, open: 0 },
  predictions: { success: 0, failed: 0, timeout: 0, absent: 0, invalid: 0 },
};

function input(members: BoardInput['members'], sums: readonly WindowSum[] = []): BoardInput {
  return { sums, shadowSums: {}, members, counts, lastWarmupAt: null };
}

function member(modelId: string, joinedAt: number, leftAt: number | null = null): BoardInput['members'][number] {
  return { modelId, joinedAt, goneAt: null, leftAt };
}

function sum(modelId: string, window: WindowName, where: string, total: string, count: number, answered = count) {
  const [profile = '', asset = ''] = where.split(' ');
  return { modelId, window, profile, asset, sum: total, count, answered };
}

test('buildLeaderboard() of nobody is an empty leaderboard (peer-faults 5.1 30)', () => {
  const board = buildLeaderboard(input([]), options);
  assert.deepEqual(board.standings, []);
  assert.equal(board.official, true);
});

test('buildLeaderboard() ranks models that have no score yet, with null means (peer-faults 5.1 30)', () => {
  const board = buildLeaderboard(input([member('b', asOf), member('a', asOf)]), options);
  assert.deepEqual(
    board.standings.map(({ modelId, rank, overall }) => [modelId, rank, overall.recent]),
    [
      ['a', 1, { value: null, count: 0, availability: null }],
      ['b', 1, { value: null, count: 0, availability: null }],
    ],
  );
  assert.deepEqual(board.standings[0]?.byAsset, { '24h': {}, '1h': {} });
});

test('buildLeaderboard() weighs each asset and profile that is there', () => {
  const sums = [
    sum('a', 'recent', '24h BTC', '4', 2),
    sum('a', 'recent', '24h ETH', '-6', 1, 0),
    sum('a', 'recent', '1h BTC', '0.5', 5, 4),
  ];
  const [standing] = buildLeaderboard(input([member('a', 0)], sums), options).standings;
  assert.deepEqual(standing?.byAsset['24h']?.ETH?.recent, { value: -6, count: 1, availability: 0 });
  assert.deepEqual(standing?.byProfile['24h']?.recent, { value: (3 * 2 - 6) / 4, count: 3, availability: 2 / 3 });
  assert.deepEqual(standing?.byProfile['1h']?.recent, { value: 0.1, count: 5, availability: 0.8 });
  assert.deepEqual(standing?.overall.recent, { value: (3 * 2 - 6 + 3 * 0.1) / 7, count: 8, availability: 6 / 8 });
  assert.equal(standing?.overall.anchor.value, null);
});

test('buildLeaderboard() does not blank a model that is new to one asset (peer-faults 5.1 13)', () => {
  const board = buildLeaderboard(input([member('a', 0)], [sum('a', 'anchor', '1h BTC', '3', 3)]), options);
  assert.equal(board.standings[0]?.overall.anchor.value, 1);
});

test('buildLeaderboard() keeps a mean of 0 apart from no mean (peer-faults 5.1 16)', () => {
  const board = buildLeaderboard(input([member('a', 0)], [sum('a', 'anchor', '1h BTC', '0', 3)]), options);
  assert.equal(board.standings[0]?.overall.anchor.value, 0);
  assert.equal(board.standings[0]?.overall.recent.value, null);
});

test('buildLeaderboard() calls a window provisional until membership has its length (peer-faults 5.1 6, 17)', () => {
  const members = [member('old', asOf - 7 * day), member('young', asOf - 7 * day + 1), member('new', asOf - day + 1)];
  const board = buildLeaderboard(input(members), options);
  assert.deepEqual(
    board.standings.map(({ modelId, provisional }) => [modelId, provisional]),
    [
      ['old', { recent: false, steady: false, anchor: false }],
      ['young', { recent: false, steady: false, anchor: true }],
      ['new', { recent: true, steady: true, anchor: true }],
    ],
  );
});

test('buildLeaderboard() leaves out who left after grace and who has not joined yet (peer-faults 5.1 20)', () => {
  const members = [
    member('left', 0, asOf),
    member('leaves later', 0, asOf + 1),
    member('joins later', asOf + 1),
    member('joins now', asOf),
  ];
  const board = buildLeaderboard(input(members, [sum('left', 'anchor', '1h BTC', '99', 1)]), options);
  assert.deepEqual(
    board.standings.map(({ modelId }) => modelId),
    ['leaves later', 'joins now'],
  );
});

test('buildLeaderboard() is official once no round of the warm-up lies in a window', () => {
  const within = buildLeaderboard({ ...input([]), lastWarmupAt: asOf - 7 * day }, options);
  assert.equal(within.official, false);
  assert.equal(within.whyNot, 'Rounds of the warm-up count in the anchor window until 1970-01-21 00:00 UTC');
  const after = buildLeaderboard({ ...input([]), lastWarmupAt: asOf - 7 * day - 1 }, options);
  assert.deepEqual([after.official, after.whyNot], [true, null]);
});

test('buildLeaderboard() gives the same bytes whatever the order of members and sums', () => {
  const places = fc.constantFrom('24h BTC', '24h ETH', '1h BTC');
  const sumArbitrary = fc
    .tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom<WindowName>('recent', 'anchor'), places, fc.integer())
    .map(([modelId, window, where, total]) => sum(modelId, window, where, `${total}.125`, 7));
  const sums = fc.uniqueArray(sumArbitrary, { selector: (s) => `${s.modelId}${s.window}${s.profile}${s.asset}` });
  const members = ['a', 'b', 'c'].map((id) => member(id, 0));
  fc.assert(
    fc.property(sums, (ordered) => {
      const board = JSON.stringify(buildLeaderboard(input(members, ordered), options));
      const reversed = input(members.toReversed(), ordered.toReversed());
      assert.equal(JSON.stringify(buildLeaderboard(reversed, options)), board);
    }),
  );
});
