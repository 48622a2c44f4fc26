// What only the database can show of settlements: the order of commits, what is stored of a score, and how many
// statements and bytes that takes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Round } from '../../domain/round.ts';
import type { Database } from '../connect.ts';
import {
  noon,
  playRounds,
  sampleAnswers,
  samplePrediction,
  sampleRound,
  sampleSettlement,
} from '../contract/samples.ts';
import { createPostgresRepositories } from '../repositories.ts';
import { emptyDatabase, freshOpener } from '../test-database.ts';

const { open } = await freshOpener();
const owner = open(null);

test('waiting() finds rounds that close in another order than they commit', async () => {
  await emptyDatabase(owner);
  const { predict, settlements } = createPostgresRepositories(owner);
  const [slow, quick] = [sampleRound(noon), sampleRound(noon + 60)] as const;
  await predict.write([slow, quick].map((round) => ({ type: 'round', round })));
  const client = await owner.connect();
  await client.query('begin');
  await client.query('update rounds set closed_at = now(), closed_xid = pg_current_xact_id() where round_id = $1', [
    slow.roundId,
  ]);
  await predict.write([sampleAnswers(quick)]);
  assert.equal((await settlements.waiting(Infinity, 10)).length, 1);
  assert.equal((await settlements.waiting(Infinity, 10)).length, 1);
  await client.query('commit');
  await client.end();
  assert.equal((await settlements.waiting(Infinity, 10)).length, 2);
});

test('SettlementRepository.commit() stores diagnostics of every rule as they are, hours as float32', async () => {
  await emptyDatabase(owner);
  const repositories = createPostgresRepositories(owner);
  const round = sampleRound();
  const { roundId, resolvableAt } = round;
  await playRounds(repositories, [round]);
  await repositories.settlements.waiting(Infinity, 1);
  await repositories.settlements.claim([roundId], 'worker', 30);
  const row = { roundId, modelId: 'm1', ruleVersion: 1, score: 0.1, points: -1 / 3, answered: true };
  const calibration = {
    steps: 70_000, // more than a smallint holds
    pitCounts: Array.from({ length: 20 }, (_, i) => i * 3_500),
    covered: [40_000, 50_000, 69_999],
    dispersion: 1 / 7,
    overPrediction: 1e-300,
    underPrediction: 0,
  } as const;
  const hourPoints = [-1 / 3, 1e300, 1e-60];
  await repositories.settlements.commit('worker', [
    {
      settlement: sampleSettlement(round),
      resolvableAt,
      verdicts: [],
      scores: [
        { ...row, ruleName: 'condor', diagnostics: { firstHour: 485_773, hourPoints, calibration } },
        { ...row, ruleName: 'other', diagnostics: null },
        { ...row, ruleName: 'third', diagnostics: { firstHour: 1, hourPoints: [], calibration: null } },
      ],
    },
  ]);
  const rows = await owner.query(
    `select rule, points, first_hour, hour_points, steps, pit_counts, covered, dispersion, over_prediction,
       under_prediction from scores order by rule`,
  );
  const nothing = { steps: null, pit_counts: null, covered: null, dispersion: null };
  const noParts = { over_prediction: null, under_prediction: null };
  assert.deepEqual(rows, [
    {
      ...{ rule: 'condor', points: -1 / 3, first_hour: 485_773, steps: 70_000 },
      hour_points: [-0.33333334, 3.4028235e38, 0], // shortest decimals that are these float32
      ...{ pit_counts: calibration.pitCounts, covered: calibration.covered },
      ...{ dispersion: 1 / 7, over_prediction: 1e-300, under_prediction: 0 },
    },
    { rule: 'other', points: -1 / 3, first_hour: null, hour_points: null, ...nothing, ...noParts },
    { rule: 'third', points: -1 / 3, first_hour: 1, hour_points: [], ...nothing, ...noParts },
  ]);
});

test('fault 5.1 #9: SettlementRepository.commit() takes as many statements for 1,000 scores as for one', async () => {
  const statementsFor = async (rounds: readonly Round[], scoresEach: number) => {
    await emptyDatabase(owner);
    const repositories = createPostgresRepositories(owner);
    await playRounds(repositories, rounds);
    await repositories.settlements.waiting(Infinity, 100);
    const { db, statements } = counting(owner);
    const { settlements } = createPostgresRepositories(db);
    const ids = rounds.map(({ roundId }) => roundId);
    await settlements.claim(ids, 'worker', 30);
    const committed = await settlements.commit(
      'worker',
      rounds.map((round) => ({
        settlement: sampleSettlement(round),
        resolvableAt: round.resolvableAt,
        verdicts: round.memberIds.map((modelId) => ({
          roundId: round.roundId,
          modelId,
          verdict: 'valid' as const,
          reason: null,
        })),
        scores: Array.from({ length: scoresEach }, (_, i) => ({
          roundId: round.roundId,
          modelId: `m${i}`,
          ...{ ruleName: 'condor', ruleVersion: 1, score: 1, points: 1, answered: true, diagnostics: null },
        })),
      })),
    );
    assert.deepEqual(committed, ids);
    const [stored] = await owner.query<{ count: number }>('select count(*) from scores');
    assert.equal(stored?.count, rounds.length * scoresEach);
    return statements();
  };
  const few = await statementsFor([sampleRound()], 1);
  const many = await statementsFor(
    Array.from({ length: 20 }, (_, i) => sampleRound(noon + 60 * i)),
    50,
  );
  assert.equal(many, few);
});

/** `db`, with a count of the statements that go through it; BEGIN and COMMIT are not among them. */
function counting(db: Database) {
  let count = 0;
  const counted: Database = {
    ...db,
    query(...statement) {
      count++;
      return db.query(...statement);
    },
    transaction: (work, mode) =>
      db.transaction(
        ({ client, query }) =>
          work({
            query(...statement) {
              count++;
              return query(...statement);
            },
            // COPY takes the driver's own way.
            client: new Proxy(client, {
              get(target, name) {
                if (name === 'query') count++;
                const value = Reflect.get(target, name) as unknown;
                return typeof value === 'function' ? value.bind(target) : value;
              },
            }),
          }),
        mode,
      ),
  };
  return { db: counted, statements: () => count };
}

test('fault 5.1 #10: SettlementRepository.predictions() bounds the bytes of a page, whatever an answer holds', async () => {
  await emptyDatabase(owner);
  const { predict, settlements } = createPostgresRepositories(owner);
  const sizes = { a: 3, b: 2, c: 1, d: 5, e: 1 }; // MiB
  const round = sampleRound(noon, { memberIds: Object.keys(sizes) });
  const predictions = Object.entries(sizes).map(([modelId, mebibytes]) =>
    samplePrediction(round.roundId, modelId, { payload: Buffer.alloc(mebibytes * 2 ** 20, modelId) }),
  );
  await predict.write([{ type: 'round', round }, sampleAnswers(round, { predictions })]);
  const pages: string[] = [];
  for await (const page of settlements.predictions(round)) {
    pages.push(page.map(({ modelId, payload }) => `${modelId}${(payload?.length ?? 0) / 2 ** 20}`).join(' '));
  }
  assert.deepEqual(pages, ['a3', 'b2 c1', 'd5', 'e1']); // 4 MiB at most, or a single one
});
