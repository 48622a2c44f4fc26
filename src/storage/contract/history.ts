// What every history and rescore repository must do.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Backend } from '../contract.test.ts';
import { hour, memberIds, noon, playRounds, publishBoard, sampleRound, settleRound, windows } from './samples.ts';

const rounds = [sampleRound(noon), sampleRound(noon + hour), sampleRound(noon + 2 * hour)] as const;
const [first, second, third] = rounds;
const plan = {
  rescoreId: 'r1',
  ruleName: 'other',
  ruleVersion: 2,
  gameVersion: 'v2',
  from: first.resolvableAt - 1,
  to: third.resolvableAt,
};

export function historyContract({ name, open }: Backend): void {
  test(`HistoryRepository.round() is null until the round is settled (${name})`, async (t) => {
    const repositories = await open(t);
    await playRounds(repositories, [first]);
    assert.equal(await repositories.history.round(first.roundId), null);
    assert.equal(await repositories.history.round('nothing'), null);
    await settleRound(repositories, first, { m1: 1, m2: 2, m3: 0.1 });
    const found = await repositories.history.round(first.roundId);
    assert.deepEqual(found?.memberIds, memberIds);
    assert.deepEqual(found?.context, first.context);
    assert.deepEqual(found?.settlement, {
      roundId: first.roundId,
      state: 'settled',
      settledAt: first.resolvableAt + 60,
      source: 'test',
      baselineScore: 1.5,
      priceAtStart: 100,
      priceAtEnd: 101,
      firstPricedAt: first.startedAt,
      lastPricedAt: first.resolvableAt,
    });
  });

  test(`HistoryRepository.round() gives the reason of a void one (${name})`, async (t) => {
    const repositories = await open(t);
    await playRounds(repositories, [first]);
    const { roundId, resolvableAt: settledAt } = first;
    const settlement = { roundId, state: 'void', settledAt, reason: 'No price', ours: true } as const;
    await settleRound(repositories, first, {}, settlement);
    assert.deepEqual((await repositories.history.round(roundId))?.settlement, settlement);
  });

  test(`HistoryRepository gives one prediction, the round's scores, and the model's windows (${name})`, async (t) => {
    const repositories = await open(t);
    const { history } = repositories;
    await playRounds(repositories, [first, second]);
    await settleRound(repositories, first, { m1: 1, m2: 2, m3: 0.1 });
    const found = await history.prediction(first, 'm2');
    assert.equal(found?.prediction.deploymentId, 'm2-d1');
    assert.equal(String(found?.prediction.payload), '{"x":1}');
    assert.equal(found?.verdict?.verdict, 'valid');
    assert.equal(await history.prediction(first, 'stranger'), null);
    assert.deepEqual(
      (await history.scores(first)).map(({ modelId, points }) => [modelId, points]),
      [
        ['m1', 1],
        ['m2', 2],
        ['m3', 0.1],
      ],
    );
    assert.equal(await history.windows('m3', 'BTC', '1h'), null);
    const asOf = first.resolvableAt + 60;
    await publishBoard(repositories, asOf);
    const kept = await history.windows('m3', 'BTC', '1h');
    assert.equal(kept?.asOf, asOf);
    assert.deepEqual(
      kept?.sums.map(({ window, sum, count }) => [window, sum, count]),
      [
        ['anchor', '0.1', 1],
        ['recent', '0.1', 1],
        ['steady', '0.1', 1],
      ],
    );
  });

  test(`RescoreRepository goes through a span once, and goes on where it was cut off (${name})`, async (t) => {
    const repositories = await open(t);
    const { rescores } = repositories;
    await playRounds(repositories, rounds);
    for (const round of rounds) await settleRound(repositories, round, { m1: 1, m2: 2, m3: 0.1 });
    await rescores.open({ ...plan, to: second.resolvableAt });
    await rescores.open({ ...plan, to: second.resolvableAt });
    assert.deepEqual(await rescores.progress('r1'), { done: 0, total: 2, refused: 0 });
    const [next] = await rescores.next('r1', 1);
    assert.equal(next?.roundId, first.roundId);
    assert.equal(next?.settlement.state, 'settled');
    await rescores.save('r1', first.roundId, { reason: null, scores: [row('m1', 5)] });
    await rescores.save('r1', first.roundId, { reason: null, scores: [row('m1', 9)] });
    assert.deepEqual(
      (await rescores.next('r1', 10)).map(({ roundId }) => roundId),
      [second.roundId],
    );
    await rescores.save('r1', second.roundId, { reason: 'no\u0000way', scores: [] });
    assert.deepEqual(await rescores.progress('r1'), { done: 2, total: 2, refused: 1 });
    assert.deepEqual(await rescores.next('r1', 10), []);
    await rescores.drop('r1');
    await rescores.open(plan);
    assert.deepEqual(await rescores.progress('r1'), { done: 0, total: 3, refused: 0 });
  });

  test(`RescoreRepository.compare() sums the same rounds on both sides, exactly (${name})`, async (t) => {
    const repositories = await open(t);
    const { rescores, predict } = repositories;
    await predict.write([
      { type: 'membership', membership: { modelId: 'm1', joinedAt: noon - hour, goneAt: null, leftAt: null } },
    ]);
    await playRounds(repositories, rounds);
    for (const round of rounds) await settleRound(repositories, round, { m1: 0.1, m2: 2, m3: 3 });
    await rescores.open(plan);
    await rescores.save('r1', first.roundId, { reason: null, scores: [row('m1', 0.2), row('m2', null)] });
    await rescores.save('r1', second.roundId, { reason: 'no price', scores: [] });
    await rescores.save('r1', third.roundId, { reason: null, scores: [row('m1', 0.1), row('m2', 1e300)] });
    const { before, after, members } = await rescores.compare('r1', windows);
    const anchor = (sums: typeof before) =>
      sums
        .filter(({ window }) => window === 'anchor')
        .map(({ modelId, sum, count, answered }) => [modelId, sum, count, answered]);
    assert.deepEqual(anchor(before), [
      ['m1', '0.2', 2, 2],
      ['m2', '4', 2, 2],
      ['m3', '6', 2, 2],
    ]);
    assert.deepEqual(anchor(after), [
      ['m1', '0.3', 2, 2],
      ['m2', `1${'0'.repeat(300)}`, 2, 1],
    ]);
    assert.deepEqual(
      members.map(({ modelId, joinedAt }) => [modelId, joinedAt]),
      [['m1', noon - hour]],
    );
    await assert.rejects(rescores.compare('r2', windows), {
      message: 'Cannot compare rescore "r2": it was never opened',
    });
  });
}

function row(modelId: string, score: number | null) {
  return { modelId, score, points: score ?? 0, answered: score !== null };
}
