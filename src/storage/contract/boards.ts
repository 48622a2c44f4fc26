// The contract of `BoardRepository`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Round } from '../../domain/round.ts';
import type { Backend } from '../contract.test.ts';
import {
  hour,
  noon,
  playRounds,
  publishBoard,
  sampleAnswers,
  samplePrediction,
  sampleRound,
  sampleSettlement,
  sampleStanding,
  settleRound,
  windows,
} from './samples.ts';

export function boardContract({ name, open }: Backend): void {
  test(`BoardRepository.publish() passes each instant once (${name})`, async (t) => {
    const repositories = await open(t);
    const { board } = repositories;
    assert.equal(await board.passedUntil(), null);
    await publishBoard(repositories, noon);
    assert.equal(await board.passedUntil(), noon);
    await assert.rejects(publishBoard(repositories, noon), /refused/);
    await assert.rejects(publishBoard(repositories, noon - 60), /refused/);
  });

  test(`BoardRepository.publish() changes nothing when build throws (${name})`, async (t) => {
    const repositories = await open(t);
    const round = sampleRound();
    await playRounds(repositories, [round]);
    await settleRound(repositories, round, { m1: 1 });
    const publish = repositories.board.publish(noon + 2 * hour, {
      windows,
      ruleName: 'condor',
      snapshot: false,
      build: () => {
        throw new Error('no such model');
      },
    });
    await assert.rejects(publish, { message: 'no such model' });
    assert.equal(await repositories.board.passedUntil(), null);
    const { counts } = await publishBoard(repositories, noon + 2 * hour);
    assert.equal(counts.rounds.settled, 1);
  });

  test(`BoardRepository.publish() holds what resolves within a window, both bounds included (${name})`, async (t) => {
    const repositories = await open(t);
    const round = sampleRound(); // resolves at 13:00
    const resolvedAt = round.resolvableAt;
    await playRounds(repositories, [round]);
    await settleRound(repositories, round, { m2: -0.5, m1: 0.1 });
    assert.deepEqual((await publishBoard(repositories, resolvedAt + 59)).sums, []); // its witness comes at + 60
    const { sums } = await publishBoard(repositories, resolvedAt + 60);
    assert.deepEqual(
      sums.map(({ modelId, asset, profile, window, sum, count, answered }) =>
        [modelId, asset, profile, window, sum, count, answered].join(' '),
      ),
      [
        'm1 BTC 1h anchor 0.1 1 1',
        'm1 BTC 1h recent 0.1 1 1',
        'm1 BTC 1h steady 0.1 1 1',
        'm2 BTC 1h anchor -0.5 1 1',
        'm2 BTC 1h recent -0.5 1 1',
        'm2 BTC 1h steady -0.5 1 1',
      ],
    );
    assert.deepEqual(windowsOf(await publishBoard(repositories, resolvedAt + 2 * hour)), [
      'anchor',
      'recent',
      'steady',
    ]);
    assert.deepEqual(windowsOf(await publishBoard(repositories, resolvedAt + 2 * hour + 1)), ['anchor', 'steady']);
    assert.deepEqual(windowsOf(await publishBoard(repositories, resolvedAt + 8 * hour)), ['anchor']);
    assert.deepEqual(windowsOf(await publishBoard(repositories, resolvedAt + 8 * hour + 1)), []);
  });

  test(`BoardRepository.publish() leaves out of a window what is settled too late for it (${name})`, async (t) => {
    const repositories = await open(t);
    const round = sampleRound();
    await playRounds(repositories, [round]);
    await publishBoard(repositories, round.resolvableAt + 3 * hour);
    await settleRound(
      repositories,
      round,
      { m1: 1 },
      sampleSettlement(round, { settledAt: round.resolvableAt + 3 * hour }),
    );
    assert.deepEqual(windowsOf(await publishBoard(repositories, round.resolvableAt + 3 * hour + 60)), [
      'anchor',
      'steady',
    ]);
    assert.deepEqual(windowsOf(await publishBoard(repositories, round.resolvableAt + 4 * hour + 60)), ['anchor']);
  });

  test(`BoardRepository.publish() sums exactly, whatever the order (${name})`, async (t) => {
    const points = [1e300, 0.1, -1e300, 1e-300, 0.2, -0.30000000000000004, 5e-324, 123456789.12345679];
    const rounds = points.map((_, i) => sampleRound(noon + 60 * i));
    const sums = [];
    for (const order of [[...rounds.keys()], [...rounds.keys()].reverse(), [3, 6, 1, 0, 7, 5, 2, 4]]) {
      const repositories = await open(t);
      await playRounds(repositories, rounds);
      for (const i of order) await settleRound(repositories, rounds[i] as Round, { m1: points[i] as number });
      const boards = [noon + hour + 300, noon + hour + 600, noon + 3 * hour + 240];
      const results = [];
      for (const asOf of boards) results.push((await publishBoard(repositories, asOf)).sums);
      sums.push(results);
    }
    assert.deepEqual(sums[1], sums[0]);
    assert.deepEqual(sums[2], sums[0]);
    // 0.2 − 0.30000000000000004 + 5e-324 + 123456789.12345679; the 1e300s that left leave nothing behind.
    const last = sums[0]?.[2]?.find(({ window }) => window === 'recent');
    assert.equal(last?.sum, `123456789.02345678999999996${'0'.repeat(306)}5`);
  });

  test(`BoardRepository.publish() computes windows anew when their length changes (${name})`, async (t) => {
    const repositories = await open(t);
    const rounds = [sampleRound(noon), sampleRound(noon + hour)];
    await playRounds(repositories, rounds);
    for (const round of rounds) await settleRound(repositories, round, { m1: 0.5 });
    const asOf = noon + 3 * hour;
    assert.equal((await publishBoard(repositories, asOf)).sums[0]?.count, 2);
    const shorter = [{ name: 'recent', seconds: hour }] as const;
    const { sums } = await publishBoard(repositories, asOf + 1, { windows: shorter });
    assert.deepEqual(sums, []);
    assert.equal((await publishBoard(repositories, asOf + 2)).sums[0]?.sum, '1');
  });

  test(`fault 5.1 #17: BoardRepository.publish() keeps no snapshot of a model without a scored round (${name})`, async (t) => {
    const repositories = await open(t);
    const none = { value: null, count: 0, availability: null };
    const idle = { ...sampleStanding('m2', 2), overall: { recent: none, steady: none, anchor: none } };
    await publishBoard(repositories, noon, { snapshot: true, standings: [sampleStanding('m1', 1), idle] });
    const kept = await repositories.report.snapshots(null, noon, noon, 10);
    assert.deepEqual(
      kept.map(({ standing }) => standing.modelId),
      ['m1'],
    );
    assert.equal((await repositories.report.leaderboard())?.leaderboard.standings.length, 2);
  });

  test(`fault 5.1 #8: BoardRepository.publish() and a rename leave each other's words alone (${name})`, async (t) => {
    const repositories = await open(t);
    const { predict, report } = repositories;
    const named = (modelName: string) => {
      const model = { modelId: 'm1', modelName, cruncherKey: 'k', cruncherId: 'c', cruncherName: 'Ada' };
      return predict.write([{ type: 'model', model, seenAt: noon }]);
    };
    const rounds = [sampleRound(), sampleRound(noon + 60)];
    await named('first');
    await playRounds(repositories, rounds);
    await settleRound(repositories, rounds[0] as Round, { m1: 1 });
    await publishBoard(repositories, noon + hour + 120);
    await named('second');
    await settleRound(repositories, rounds[1] as Round, { m1: 2 });
    const { sums } = await publishBoard(repositories, noon + hour + 180);
    assert.deepEqual([sums[0]?.sum, (await report.models())[0]?.modelName], ['3', 'second']);
  });

  test(`BoardRepository.publish() counts as of its instant, not what came later (${name})`, async (t) => {
    const repositories = await open(t);
    const { predict, settlements } = repositories;
    const [settled, voided, open1, later] = [0, 60, 120, 7200].map((after) => sampleRound(noon + after));
    const all = [settled, voided, open1, later] as Round[];
    await predict.write(all.map((round) => ({ type: 'round', round })));
    await predict.write([
      sampleAnswers(all[0] as Round, {
        predictions: [
          samplePrediction(all[0]?.roundId ?? '', 'm1'),
          samplePrediction(all[0]?.roundId ?? '', 'm2', { status: 'timeout', cause: 'timeout' }),
          samplePrediction(all[0]?.roundId ?? '', 'm3', { status: 'absent', cause: 'absent' }),
        ],
      }),
      sampleAnswers(all[1] as Round, { fault: 'stalled' }),
      {
        type: 'skip',
        skip: {
          profile: '1h',
          asset: 'BTC',
          fromSlot: noon + 180,
          toSlot: noon + 10_980,
          slots: 181,
          reason: 'worker-down',
        },
      },
    ]);
    await settlements.waiting(Infinity, 10);
    await settlements.saveVerdicts([
      {
        roundId: all[0]?.roundId ?? '',
        resolvableAt: noon + hour,
        verdicts: [{ roundId: all[0]?.roundId ?? '', modelId: 'm1', verdict: 'invalid', reason: 'no' }],
      },
    ]);
    await settleRound(repositories, all[0] as Round, { m2: -0.2, m3: -0.2 });
    await settleRound(
      repositories,
      all[1] as Round,
      {},
      {
        roundId: all[1]?.roundId ?? '',
        state: 'void',
        settledAt: noon + 90,
        reason: 'stalled',
        ours: true,
      },
    );
    const early = await publishBoard(repositories, noon + 600);
    assert.deepEqual(early.counts.rounds, { asked: 3, settled: 0, void: 1, skipped: 8, open: 2 });
    assert.deepEqual(early.counts.predictions, { success: 3, failed: 0, timeout: 0, absent: 0, invalid: 0 });
    const { counts } = await publishBoard(repositories, noon + 2 * hour);
    assert.deepEqual(counts.rounds, { asked: 4, settled: 1, void: 1, skipped: 118, open: 2 });
    assert.deepEqual(counts.predictions, { success: 4, failed: 0, timeout: 1, absent: 1, invalid: 1 });
    assert.deepEqual((await repositories.report.stats()).rounds, {
      asked: 4,
      settled: 1,
      void: 1,
      skipped: 181,
      open: 2,
    });
  });

  test(`BoardRepository.publish() gives each model's newest membership at its instant (${name})`, async (t) => {
    const repositories = await open(t);
    const membership = { modelId: 'm1', joinedAt: noon, goneAt: noon + 60, leftAt: noon + 120 };
    await repositories.predict.write([
      { type: 'membership', membership },
      { type: 'membership', membership: { ...membership, joinedAt: noon + 180, goneAt: null, leftAt: null } },
      { type: 'membership', membership: { ...membership, modelId: 'm0', joinedAt: noon + 500 } },
    ]);
    assert.deepEqual((await publishBoard(repositories, noon + 90)).members, [{ ...membership, leftAt: null }]);
    assert.deepEqual((await publishBoard(repositories, noon + 180)).members, [
      { modelId: 'm1', joinedAt: noon + 180, goneAt: null, leftAt: null },
    ]);
  });

  test(`BoardRepository.publish() knows the last warm-up round it has folded (${name})`, async (t) => {
    const repositories = await open(t);
    const rounds = [sampleRound(noon, { warmup: true }), sampleRound(noon + 60)];
    await playRounds(repositories, rounds);
    assert.equal((await publishBoard(repositories, noon + hour)).lastWarmupAt, null);
    for (const round of rounds) await settleRound(repositories, round, { m1: 1 });
    assert.equal((await publishBoard(repositories, noon + 2 * hour)).lastWarmupAt, noon + hour);
    assert.equal((await publishBoard(repositories, noon + 3 * hour)).lastWarmupAt, noon + hour);
  });
}

function windowsOf({
  sums,
}: {
  readonly sums: readonly { readonly modelId: string; readonly window: string }[];
}): string[] {
  return sums.filter(({ modelId }) => modelId === 'm1').map(({ window }) => window);
}
