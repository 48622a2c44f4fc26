// What only the database can show of boards: two workers at once, sums that were spoilt behind our back, and what
// an older worker leaves.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  hour,
  noon,
  publishBoard,
  sampleAnswers,
  sampleLeaderboard,
  sampleRound,
  settleRound,
  windows,
} from '../contract/samples.ts';
import { compareAll } from '../contract/windows.ts';
import { createPostgresRepositories } from '../repositories.ts';
import { emptyDatabase, freshOpener } from '../test-database.ts';

const { open } = await freshOpener();
const owner = open(null);

test('publish() makes one board when two workers publish at once', async () => {
  await emptyDatabase(owner);
  const one = createPostgresRepositories(open('condor_score'));
  const two = createPostgresRepositories(open('condor_score'));
  const { predict } = createPostgresRepositories(owner);
  const round = sampleRound();
  await predict.write([{ type: 'round', round }, sampleAnswers(round)]);
  await settleRound(one, round, { m1: 1, m2: 2, m3: 3 });
  const asOf = noon + 2 * hour;
  const options = {
    windows,
    ruleName: 'condor',
    snapshot: true,
    build: (input: Parameters<typeof sampleLeaderboard>[1]) => sampleLeaderboard(asOf, input, []),
  };
  const published = await Promise.all([one.board.publish(asOf, options), two.board.publish(asOf, options)]);
  assert.deepEqual(published.filter(Boolean).length, 1);
  const { sums, counts } = await publishBoard(two, asOf + 60);
  assert.deepEqual(sums.map(({ sum }) => sum).sort(), ['1', '1', '1', '2', '2', '2', '3', '3', '3']);
  assert.equal(counts.rounds.settled, 1);
});

test('compareWindows() says which sums were spoilt, and puts them right (fault of ours, never a model)', async () => {
  await emptyDatabase(owner);
  const score = createPostgresRepositories(open('condor_score'));
  const { predict } = createPostgresRepositories(owner);
  const round = sampleRound();
  const shadowRules = [{ name: 'log', version: 1 }];
  await predict.write([{ type: 'round', round }, sampleAnswers(round)]);
  const beside = [{ ruleName: 'log', ruleVersion: 1, points: { m1: 7 } }];
  await settleRound(score, round, { m1: 1, m2: 2 }, undefined, beside);
  await publishBoard(score, noon + 2 * hour, { shadowRules });
  await owner.query(`update model_windows set sum = sum + 1e-9 where model_id = 'm1' and window_name = 'steady'`);
  await owner.query(`delete from model_windows where model_id = 'm2' and window_name = 'anchor'`);
  await owner.query(`insert into model_windows values ('m9', 'BTC', '1h', 'recent', 5, 1, 1)`);
  await owner.query('update shadow_windows set answered = 0 where window_name = $1', ['recent']);

  const compared = await compareAll(score, noon + 2 * hour);
  const one = { sum: '1', count: 1, answered: 1 };
  assert.deepEqual(compared, [
    {
      rule: 'condor',
      asset: 'BTC',
      profile: '1h',
      asOf: noon + 2 * hour,
      differences: [
        { modelId: 'm1', window: 'steady', kept: { ...one, sum: '1.000000001' }, computed: one },
        { modelId: 'm2', window: 'anchor', kept: null, computed: { ...one, sum: '2' } },
        { modelId: 'm9', window: 'recent', kept: { ...one, sum: '5' }, computed: null },
      ],
    },
    {
      rule: 'log',
      asset: 'BTC',
      profile: '1h',
      asOf: noon + 2 * hour,
      differences: [
        {
          modelId: 'm1',
          window: 'recent',
          kept: { sum: '7', count: 1, answered: 0 },
          computed: { sum: '7', count: 1, answered: 1 },
        },
      ],
    },
  ]);
  const { sums, shadowSums } = await publishBoard(score, noon + 2 * hour + 60, { shadowRules });
  assert.deepEqual(sums.map(({ modelId, sum }) => `${modelId} ${sum}`).sort(), [
    ...Array(3).fill('m1 1'),
    ...Array(3).fill('m2 2'),
  ]);
  assert.deepEqual(
    shadowSums.log?.map(({ answered }) => answered),
    [1, 1, 1],
  );
  assert.deepEqual((await score.report.stats()).windows, { comparedAt: noon + 2 * hour, differences: 4 });
});

test('publish() computes all windows anew after a worker that knows fewer of them', async () => {
  await emptyDatabase(owner);
  const score = createPostgresRepositories(open('condor_score'));
  const { predict } = createPostgresRepositories(owner);
  const rounds = [sampleRound(noon), sampleRound(noon + 60)];
  await predict.write(rounds.flatMap((round) => [{ type: 'round', round } as const, sampleAnswers(round)]));
  const shadowRules = [{ name: 'log', version: 1 }];
  for (const [i, round] of rounds.entries()) {
    const beside = [{ ruleName: 'log', ruleVersion: 1, points: { m1: 7 + i } }];
    await settleRound(score, round, { m1: 1 + i }, undefined, beside);
    await publishBoard(score, noon + 2 * hour + i, { shadowRules });
    // What such a worker leaves behind: a later board, these windows as they were.
    if (i === 0) await owner.query(`update score_progress set passed_until = passed_until + interval '0.5 s'`);
    if (i === 0) await owner.query('update model_windows set sum = 100');
  }
  const { sums, shadowSums } = await publishBoard(score, noon + 2 * hour + 60, { shadowRules });
  assert.deepEqual([sums[0]?.sum, shadowSums.log?.[0]?.sum], ['3', '15']);
});

test('fault 5.1 #22: publish() keeps the newest leaderboard and those at snapshot instants, and report reads one', async () => {
  await emptyDatabase(owner);
  const score = createPostgresRepositories(open('condor_score'));
  for (const [i, snapshot] of [true, false, false, true, false].entries()) {
    await publishBoard(score, noon + 60 * i, { snapshot });
  }
  const kept = await owner.query<{ asOf: number }>('select as_of as "asOf" from leaderboards order by as_of');
  assert.deepEqual(
    kept.map(({ asOf }) => asOf - noon),
    [0, 180, 240],
  );
  assert.equal((await score.report.leaderboard())?.leaderboard.asOf, noon + 240);
});
