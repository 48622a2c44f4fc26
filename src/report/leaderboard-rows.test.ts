import assert from 'node:assert/strict';
import test from 'node:test';
import { leaderboard, model, noon, standing } from './fixture.ts';
import { boardFile, leaderboardRows } from './leaderboard-rows.ts';

const models = [model('9', 'heavy', 'vole'), model('7', 'light', 'degu')];

test('leaderboardRows() has the existing fields, and what stands behind each mean', () => {
  assert.deepEqual(leaderboardRows(leaderboard(noon, [standing('7', 1, 12.5)]), models), [
    {
      created_at: '2026-01-05T12:00:00',
      model_id: '7',
      score_recent: 12.5,
      score_steady: 12.5,
      score_anchor: null,
      count_recent: 10,
      count_steady: 10,
      count_anchor: 0,
      availability_recent: 0.9,
      availability_steady: 0.9,
      availability_anchor: null,
      provisional_recent: false,
      provisional_steady: true,
      provisional_anchor: true,
      rank: 1,
      model_name: 'light',
      cruncher_name: 'degu',
      username: 'degu',
      status: 'active',
    },
  ]);
});

test('leaderboardRows() keeps 0 a score and says null before the first settled round', () => {
  const rows = leaderboardRows(leaderboard(noon, [standing('7', 1, 0), standing('9', 2, null)]), models);
  assert.deepEqual(
    rows.map(({ score_recent, score_anchor }) => [score_recent, score_anchor]),
    [
      [0, null],
      [null, null],
    ],
  );
});

test('leaderboardRows() says inactive for a model known to be disconnected', () => {
  const [row] = leaderboardRows(leaderboard(noon, [standing('7', 1, 1)]), [
    { ...model('7', 'light'), connected: false },
  ]);
  assert.equal(row?.status, 'inactive');
});

test('leaderboardRows() shows a model without a name by its id', () => {
  const [row] = leaderboardRows(leaderboard(noon, [standing('7', 1, 1)]), []);
  assert.deepEqual([row?.model_name, row?.cruncher_name, row?.username], ['7', 'Unknown', 'Unknown']);
});

test('leaderboardRows() cleans names', () => {
  const [row] = leaderboardRows(leaderboard(noon, [standing('7', 1, 1)]), [model('7', '<i>\u202Ex', 'a\u0000b')]);
  assert.deepEqual([row?.model_name, row?.username], ['<i>x', 'ab']);
});

test('boardFile() has sorted keys at every level and ends in a newline', () => {
  const text = boardFile(leaderboard(), models);
  const file = JSON.parse(text);
  assert.ok(text.endsWith('}\n'));
  assert.deepEqual(Object.keys(file), ['asOf', 'counts', 'game', 'gameVersion', 'rows', 'seed', 'world']);
  assert.deepEqual(Object.keys(file.counts.rounds), ['asked', 'open', 'settled', 'skipped', 'void']);
  assert.deepEqual(Object.keys(file.counts.predictions), ['absent', 'failed', 'invalid', 'success', 'timeout']);
  assert.deepEqual(Object.keys(file.rows[0]), Object.keys(file.rows[0]).toSorted());
  assert.equal(file.asOf, '2026-01-05T12:00:00');
});

test('boardFile() gives the same bytes whoever is connected and in whatever order models come', () => {
  const reversed = models.toReversed().map((one) => ({ ...one, connected: false }));
  assert.equal(boardFile(leaderboard(), models), boardFile(leaderboard(), reversed));
});
