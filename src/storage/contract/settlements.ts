// The contract of `SettlementRepository`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Backend } from '../contract.test.ts';
import { hour, noon, playRounds, sampleAnswers, sampleRound, sampleSettlement, settleRound } from './samples.ts';

const rounds = [sampleRound(noon), sampleRound(noon + 60), sampleRound(noon + 120)] as const;
const ids = rounds.map(({ roundId }) => roundId);

export function settlementContract({ name, open }: Backend): void {
  test(`SettlementRepository.competition() is null until predict has begun (${name})`, async (t) => {
    const { predict, settlements } = await open(t);
    assert.equal(await settlements.competition(), null);
    const competition = { game: 'coin', world: 'w', seed: 1, boardEverySeconds: 5, alwaysOpen: [] };
    await predict.openCompetition(competition);
    assert.equal(await settlements.competition(), null);
    const clock = { now: noon + 0.125, speed: 20, mode: 'warmup', startedAt: noon } as const;
    await predict.write([{ type: 'clock', clock }]);
    assert.deepEqual(await settlements.competition(), { competition, clock });
  });

  test(`SettlementRepository.waiting() lists answered rounds that are due, oldest first (${name})`, async (t) => {
    const repositories = await open(t);
    const { predict, settlements } = repositories;
    await playRounds(repositories, [rounds[1], rounds[0]]);
    await predict.write([{ type: 'round', round: rounds[2] }]);
    assert.deepEqual(await waitingIds(noon + hour - 1, 10), []);
    assert.deepEqual(await waitingIds(noon + hour, 10), [ids[0]]);
    assert.deepEqual(await waitingIds(Infinity, 10), [ids[0], ids[1]]);
    assert.deepEqual(await waitingIds(Infinity, 1), [ids[0]]);
    await predict.write([sampleAnswers(rounds[2], { fault: 'interrupted' })]);
    assert.deepEqual(await waitingIds(Infinity, 10), ids);
    await settleRound(repositories, rounds[0], { m1: 1 });
    assert.deepEqual(await waitingIds(Infinity, 10), [ids[1], ids[2]]);

    async function waitingIds(upTo: number, limit: number) {
      return (await settlements.waiting(upTo, limit)).map(({ roundId }) => roundId);
    }
  });

  test(`SettlementRepository.waiting() and unchecked() go on where a page ended (${name})`, async (t) => {
    const repositories = await open(t);
    const { settlements } = repositories;
    const eth = sampleRound(noon, { asset: 'ETH' }); // ends with the first of BTC, and comes after it by its id
    await playRounds(repositories, [...rounds, eth]);
    const [first] = await settlements.waiting(Infinity, 1);
    const rest = await settlements.waiting(Infinity, 2, first);
    const idsOf = (found: readonly { readonly roundId: string }[]) => found.map(({ roundId }) => roundId);
    assert.deepEqual(idsOf(rest), [eth.roundId, ids[1]]);
    assert.deepEqual(idsOf(await settlements.waiting(Infinity, 2, rest[1])), [ids[2]]);
    assert.deepEqual(idsOf(await settlements.waiting(noon + hour, 9, first)), [eth.roundId]);
    assert.deepEqual(idsOf(await settlements.unchecked(9, noon + hour)), [ids[1], ids[2]]);
  });

  test(`fault 5.1 #10: SettlementRepository.predictions() comes in pages, whole and in order (${name})`, async (t) => {
    const repositories = await open(t);
    const memberIds = Array.from({ length: 1_100 }, (_, i) => `m${String(i).padStart(4, '0')}`);
    const round = sampleRound(noon, { memberIds });
    await playRounds(repositories, [round]);
    const pages: string[][] = [];
    for await (const page of repositories.settlements.predictions(round))
      pages.push(page.map(({ modelId }) => modelId));
    assert.deepEqual(
      pages.map(({ length }) => length),
      [1_000, 100],
    );
    assert.deepEqual(pages.flat(), memberIds);
  });

  test(`SettlementRepository.saveVerdicts() marks rounds checked, once (${name})`, async (t) => {
    const repositories = await open(t);
    const { settlements, report } = repositories;
    await playRounds(repositories, [rounds[0], rounds[1]]);
    assert.deepEqual(
      (await settlements.unchecked(1)).map(({ roundId }) => roundId),
      [ids[0]],
    );
    const verdict = {
      roundId: rounds[0].roundId,
      modelId: 'm1',
      verdict: 'invalid',
      reason: 'BTC[3].weight: -1',
    } as const;
    const { roundId, resolvableAt } = rounds[0];
    await settlements.saveVerdicts([{ roundId, resolvableAt, verdicts: [verdict] }]);
    await settlements.saveVerdicts([
      { roundId, resolvableAt, verdicts: [{ ...verdict, verdict: 'valid', reason: null }] },
    ]);
    assert.deepEqual(
      (await settlements.unchecked(10)).map((round) => round.roundId),
      [ids[1]],
    );
    assert.deepEqual(
      (await settlements.waiting(Infinity, 10)).map(({ checked }) => checked),
      [true, false],
    );
    assert.deepEqual((await report.stats()).predictions.byVerdict, { invalid: 1 });
  });

  test(`SettlementRepository.claim() gives a round to one of two claimers (${name})`, async (t) => {
    const repositories = await open(t);
    const { settlements } = repositories;
    await playRounds(repositories, rounds);
    await settlements.waiting(Infinity, 10);
    const [one, two] = await Promise.all([settlements.claim(ids, 'one', 30), settlements.claim(ids, 'two', 30)]);
    assert.deepEqual([...one, ...two].sort(), ids);
    assert.deepEqual(await settlements.claim(['1h.XRP.1'], 'one', 30), []);
  });

  test(`SettlementRepository.claim() takes over a lease that ran out, and its holder commits nothing (${name})`, async (t) => {
    const repositories = await open(t);
    const { settlements } = repositories;
    await playRounds(repositories, [rounds[0]]);
    await settlements.waiting(Infinity, 10);
    const [id] = ids;
    assert.deepEqual(await settlements.claim([rounds[0].roundId], 'crashed', -1), [id]);
    assert.deepEqual(await settlements.claim([rounds[0].roundId], 'heir', 30), [id]);
    assert.deepEqual(await settlements.commit('crashed', [commitment(1)]), []);
    assert.deepEqual(await settlements.commit('heir', [commitment(2)]), [id]);
    assert.deepEqual(await settlements.commit('heir', [commitment(3)]), []);
    const [prediction] = await repositories.report.predictions('m1', 0, Infinity, 10);
    assert.equal(prediction?.points, 2);

    function commitment(points: number) {
      const { roundId, resolvableAt } = rounds[0];
      const score = {
        roundId,
        modelId: 'm1',
        ruleName: 'condor',
        ruleVersion: 1,
        score: 1,
        points,
        answered: true,
        diagnostics: null,
      };
      return { settlement: sampleSettlement(rounds[0]), resolvableAt, verdicts: [], scores: [score] };
    }
  });

  test(`SettlementRepository.commit() refuses points that are no numbers, whole (${name})`, async (t) => {
    const repositories = await open(t);
    await playRounds(repositories, [rounds[0]]);
    await assert.rejects(settleRound(repositories, rounds[0], { m1: 1, m2: NaN }));
    assert.equal((await repositories.settlements.waiting(Infinity, 10)).length, 1);
    assert.deepEqual(await repositories.report.predictions('m1', 0, Infinity, 10), []);
  });

  test(`SettlementRepository.commit() keeps a void round's reason, without scores (${name})`, async (t) => {
    const repositories = await open(t);
    const { report, settlements } = repositories;
    await playRounds(repositories, [rounds[0]]);
    const { roundId, resolvableAt } = rounds[0];
    await settleRound(
      repositories,
      rounds[0],
      {},
      {
        roundId,
        state: 'void',
        settledAt: resolvableAt + 7200,
        reason: 'No price of BTC within 90 s',
        ours: false,
      },
    );
    assert.deepEqual(await settlements.waiting(Infinity, 10), []);
    assert.deepEqual((await report.stats()).rounds, { asked: 1, settled: 0, void: 1, skipped: 0, open: 0 });
  });
}
