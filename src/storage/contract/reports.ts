// The contract of `ReportRepository`.

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
  sampleStanding,
  settleRound,
} from './samples.ts';

export function reportContract({ name, open }: Backend): void {
  test(`ReportRepository.leaderboard() is the newest, with names (${name})`, async (t) => {
    const repositories = await open(t);
    const { predict, report } = repositories;
    assert.equal(await report.leaderboard(), null);
    const model = { modelId: 'm1', modelName: 'one', cruncherKey: 'k', cruncherId: 'c', cruncherName: 'Ada' };
    await predict.write([{ type: 'model', model, seenAt: noon }]);
    await publishBoard(repositories, noon);
    await publishBoard(repositories, noon + 60, { standings: [sampleStanding('m1', 1)] });
    const newest = await report.leaderboard();
    assert.equal(newest?.leaderboard.asOf, noon + 60);
    assert.deepEqual(newest?.leaderboard.standings, [sampleStanding('m1', 1)]);
    assert.deepEqual(newest?.models, [model]);
  });

  test(`ReportRepository.models() tells who is connected, with which deployment (${name})`, async (t) => {
    const { predict, report } = await open(t);
    const model = (modelId: string) =>
      ({
        type: 'model',
        model: { modelId, modelName: modelId, cruncherKey: 'k', cruncherId: 'c', cruncherName: 'n' },
        seenAt: noon,
      }) as const;
    await predict.write([
      model('m2'),
      model('m1'),
      { type: 'deployment', deployment: { modelId: 'm1', deploymentId: 'b', seenAt: noon } },
      { type: 'deployment', deployment: { modelId: 'm1', deploymentId: 'a', seenAt: noon + 1 } },
      { type: 'membership', membership: { modelId: 'm1', joinedAt: noon, goneAt: null, leftAt: null } },
      { type: 'membership', membership: { modelId: 'm2', joinedAt: noon, goneAt: noon + 1, leftAt: null } },
    ]);
    assert.deepEqual(
      (await report.models()).map(({ modelId, deploymentId, connected }) => [modelId, deploymentId, connected]),
      [
        ['m1', 'a', true],
        ['m2', '', false],
      ],
    );
  });

  test(`ReportRepository.snapshots() filters by model and instant, ascending (${name})`, async (t) => {
    const repositories = await open(t);
    const standings = [sampleStanding('m2', 1), sampleStanding('m1', 2)];
    await publishBoard(repositories, noon, { snapshot: true, standings });
    await publishBoard(repositories, noon + 60, { standings });
    await publishBoard(repositories, noon + 120, { snapshot: true, standings });
    const list = async (modelIds: string[] | null, start: number, end: number, limit: number) =>
      (await repositories.report.snapshots(modelIds, start, end, limit)).map(({ asOf, standing }) => [
        asOf - noon,
        standing.modelId,
      ]);
    assert.deepEqual(await list(null, noon, noon + 120, 10), [
      [0, 'm1'],
      [0, 'm2'],
      [120, 'm1'],
      [120, 'm2'],
    ]);
    assert.deepEqual(await list(['m2', 'm9'], noon + 1, noon + 120, 10), [[120, 'm2']]);
    assert.deepEqual(await list(null, noon, noon + 120, 1), [[0, 'm1']]);
    assert.deepEqual((await repositories.report.snapshots(['m1'], noon, noon, 1))[0]?.standing, standings[1]);
  });

  test(`ReportRepository.snapshots() keeps the newest instant of each interval (${name})`, async (t) => {
    const repositories = await open(t);
    const standings = [sampleStanding('m1', 1)];
    for (const minute of [0, 1, 2, 5, 6]) {
      await publishBoard(repositories, noon + 60 * minute, { snapshot: true, standings });
    }
    const thinned = await repositories.report.snapshots(null, noon, noon + 360, 10, 180);
    assert.deepEqual(
      thinned.map(({ asOf }) => (asOf - noon) / 60),
      [2, 5, 6],
    );
  });

  test(`ReportRepository.predictions() lists one model's scored predictions, ascending (${name})`, async (t) => {
    const repositories = await open(t);
    const rounds = [sampleRound(noon + 60), sampleRound(noon), sampleRound(noon + 120)];
    await playRounds(repositories, rounds);
    for (const round of rounds.slice(0, 2)) await settleRound(repositories, round, { m1: 0.5, m2: 0.25 });
    const found = await repositories.report.predictions('m1', noon, noon + 120, 10);
    assert.deepEqual(
      found.map(({ startedAt }) => startedAt),
      [noon, noon + 60],
    );
    assert.deepEqual(found[0], {
      roundId: rounds[1]?.roundId,
      modelId: 'm1',
      profile: '1h',
      asset: 'BTC',
      startedAt: noon,
      resolvableAt: noon + hour,
      settledAt: noon + hour + 60,
      points: 0.5,
      score: 0.5,
      answered: true,
      status: 'success',
      cause: null,
      verdict: 'valid',
      verdictReason: null,
    });
    assert.equal((await repositories.report.predictions('m1', noon, noon + 120, 1)).length, 1);
    assert.deepEqual(await repositories.report.predictions('m9', noon, noon + 120, 10), []);
  });

  test(`ReportRepository.predictions() gives the points of the rule that ranks, not its shadows' (${name})`, async (t) => {
    const repositories = await open(t);
    const round = sampleRound();
    await playRounds(repositories, [round]);
    const beside = [{ ruleName: 'a-shadow', ruleVersion: 1, points: { m1: 9 } }];
    await settleRound(repositories, round, { m1: 0.5 }, undefined, beside);
    const found = await repositories.report.predictions('m1', noon, noon, 10);
    assert.deepEqual(
      found.map(({ points }) => points),
      [0.5],
    );
  });

  test(`ReportRepository.diagnostics() adds up scores by rule, profile and asset (${name})`, async (t) => {
    const repositories = await open(t);
    const { board, predict, report } = repositories;
    const rounds = [sampleRound(noon), sampleRound(noon + 60), sampleRound(noon, { asset: 'ETH' })];
    await playRounds(repositories, rounds);
    const later = noon + 2 * hour;
    for (const [i, round] of rounds.entries()) {
      const beside = [{ ruleName: 'a-shadow', ruleVersion: 1, points: { m1: -1 - i } }];
      await settleRound(repositories, round, { m1: i, m2: 7 }, undefined, beside);
    }
    assert.deepEqual(
      await report.diagnostics('m1', noon, later, 10),
      [],
      'what no board has folded does not count yet',
    );
    await publishBoard(repositories, later);
    const row = { profile: '1h', calibration: null };
    const all = [
      { ...row, rule: 'a-shadow', asset: 'BTC', count: 2, answered: 2, points: -1.5, score: -1.5 },
      { ...row, rule: 'a-shadow', asset: 'ETH', count: 1, answered: 1, points: -3, score: -3 },
      { ...row, rule: 'condor', asset: 'BTC', count: 2, answered: 2, points: 0.5, score: 0.5 },
      { ...row, rule: 'condor', asset: 'ETH', count: 1, answered: 1, points: 2, score: 2 },
    ];
    assert.deepEqual(sorted(await report.diagnostics('m1', noon, later, 10)), sorted(all));
    assert.equal((await report.diagnostics('m1', noon, later, 1))[0]?.points, -2, 'the newest rounds');
    assert.deepEqual(await report.diagnostics('m9', noon, later, 10), []);
    const membership = { modelId: 'm1', joinedAt: noon + 30, goneAt: null, leftAt: null };
    await predict.write([{ type: 'membership', membership }]);
    const returned = await report.diagnostics('m1', noon, later, 10);
    assert.deepEqual(
      returned.map(({ rule, count }) => [rule, count]),
      [
        ['a-shadow', 1],
        ['condor', 1],
      ],
    );
    assert.equal(await board.passedUntil(), later);
  });

  test(`ReportRepository.diagnostics() adds up calibration over steps (${name})`, async (t) => {
    const repositories = await open(t);
    const rounds = [sampleRound(noon), sampleRound(noon + 60), sampleRound(noon + 120)];
    await playRounds(repositories, rounds);
    // 3 and 1 steps; the third answer has no probability law to calibrate.
    for (const [i, round] of rounds.entries()) {
      const calibration = {
        steps: i === 0 ? 3 : 1,
        pitCounts: Array.from({ length: 20 }, (_, bin) => (bin === 19 - i ? (i === 0 ? 3 : 1) : 0)),
        covered: i === 0 ? ([1, 2, 3] as const) : ([0, 1, 1] as const),
        dispersion: 1 + i,
        overPrediction: 0.5,
        underPrediction: i,
      };
      const diagnostics = { firstHour: 485_772, hourPoints: [1], calibration: i === 2 ? null : calibration };
      const beside = [{ ruleName: 'calibrated', ruleVersion: 1, points: { m1: i }, diagnostics }];
      await settleRound(repositories, round, { m1: i }, undefined, beside);
    }
    await publishBoard(repositories, noon + 2 * hour);
    const found = await repositories.report.diagnostics('m1', noon, noon + 2 * hour, 10);
    assert.deepEqual(found.find(({ rule }) => rule === 'calibrated')?.calibration, {
      steps: 4,
      pitCounts: [...Array(18).fill(0), 1, 3],
      covered: [1, 3, 4],
      dispersion: 1.25,
      overPrediction: 0.5,
      underPrediction: 0.25,
    });
  });

  test(`ReportRepository.stats() counts live, folded or not (${name})`, async (t) => {
    const repositories = await open(t);
    const { predict, report } = repositories;
    const rounds = [sampleRound(noon), sampleRound(noon + 60)];
    await playRounds(repositories, rounds);
    await settleRound(repositories, rounds[0] as Round, { m1: 1, m2: 1, m3: 1 });
    const before = await report.stats();
    await publishBoard(repositories, noon + 2 * hour);
    const after = await report.stats();
    assert.deepEqual(before.rounds, { asked: 2, settled: 1, void: 0, skipped: 0, open: 1 });
    assert.deepEqual(after, { ...before, passedUntil: noon + 2 * hour });
    assert.deepEqual(after.predictions, { byStatus: { success: 6 }, byCause: {}, byVerdict: { valid: 3 } });
    const more = sampleRound(noon + 120);
    const failed = samplePrediction(more.roundId, 'm1', { status: 'failed', cause: 'busy' });
    await predict.write([{ type: 'round', round: more }, sampleAnswers(more, { predictions: [failed] })]);
    assert.deepEqual((await report.stats()).predictions, {
      byStatus: { success: 6, failed: 1 },
      byCause: { busy: 1 },
      byVerdict: { valid: 3 },
    });
  });
}

/** In one order of keys, so that rows compare as text. */
function sorted(rows: readonly object[]): string[] {
  return rows.map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))));
}
