// A day of condor's rounds with the answers of every model, due but unsettled, written straight into the
// database: rounds through predict's repository, answers by one statement a day.

import type { Game } from '../../src/domain/game.ts';
import { roundId, scoredSteps } from '../../src/domain/grid.ts';
import type { JournalEntry } from '../../src/domain/repositories.ts';
import type { Round } from '../../src/domain/round.ts';
import { gameVersion } from '../../src/domain/version.ts';
import { compressAnswer } from '../../src/storage/codec.ts';
import type { Database } from '../../src/storage/connect.ts';
import { createPredictRepository } from '../../src/storage/postgres/predict.ts';
import { answerText, kinds } from './answers.ts';

const hour = 3600;
/** Condor's grid: an hourly round of a day, and one of an hour each twelve minutes, for each asset. */
const profiles = [
  { name: '24h', everySeconds: hour, steps: 288 },
  { name: '1h', everySeconds: hour / 5, steps: 60 },
];

/** Rounds that ended in the 24 h before `now`. Returns how many. */
export async function fillBacklog(
  db: Database,
  game: Game,
  modelIds: readonly string[],
  now: number,
): Promise<{ readonly rounds: number; readonly predictions: number }> {
  const rounds = profiles.flatMap(({ name, everySeconds }) => roundsOf(game, name, everySeconds, modelIds, now));
  const repository = createPredictRepository(db);
  await repository.saveGameVersion(gameVersion(game).id, gameVersion(game).data);
  await repository.write(rounds.flatMap(opened));
  await db.query('create table bench_answers (profile text, kind int, codec text, payload bytea, bytes int)');
  for (const { name, steps } of profiles) {
    for (let kind = 0; kind < kinds; kind += 1) {
      const bytes = Buffer.from(answerText(kind, steps));
      const { codec, payload } = await compressAnswer(bytes);
      await db.query('insert into bench_answers values ($1, $2, $3, $4, $5)', [
        name,
        kind,
        codec,
        payload,
        bytes.length,
      ]);
    }
  }
  for (const day of new Set(rounds.map(dayOf))) await copyAnswers(db, day, now);
  await db.query('drop table bench_answers');
  return { rounds: rounds.length, predictions: rounds.length * modelIds.length };
}

function roundsOf(
  game: Game,
  name: string,
  everySeconds: number,
  memberIds: readonly string[],
  now: number,
): readonly Round[] {
  const profile = game.profiles.find((candidate) => candidate.name === name);
  if (profile === undefined) throw new Error(`Cannot fill a backlog of profile "${name}": the game has none`);
  const { horizonSeconds, assets } = profile;
  const count = (24 * hour) / everySeconds;
  const newest = Math.floor((now - horizonSeconds) / everySeconds) * everySeconds;
  return Array.from({ length: count }, (_, k) => newest - k * everySeconds).flatMap((startedAt) =>
    assets.map((asset): Round => {
      const question = { asset, horizonSeconds, stepsSeconds: profile.stepsSeconds, startedAt };
      return {
        roundId: roundId({ profile: name, asset, startedAt }),
        profile: name,
        asset,
        startedAt,
        resolvableAt: startedAt + horizonSeconds,
        gameVersion: gameVersion(game).id,
        ruleName: game.rule.name,
        ruleVersion: game.rule.version,
        askedAt: startedAt + 1,
        lastPricedAt: startedAt,
        scoredSteps: scoredSteps(profile, undefined, startedAt) ?? {},
        context: game.context(question, { pricedAt: [], price: [] }),
        memberIds,
        warmup: false,
      };
    }),
  );
}

function opened(round: Round): JournalEntry[] {
  const { roundId, resolvableAt } = round;
  return [
    { type: 'round', round },
    { type: 'answers', roundId, resolvableAt, fault: null, predictions: [] }, // they follow in bulk
  ];
}

function dayOf({ resolvableAt }: Round): string {
  return new Date(resolvableAt * 1000).toISOString().slice(0, 10);
}

async function copyAnswers(db: Database, day: string, now: number): Promise<void> {
  await db.query(
    `insert into predictions (day, round_id, model_id, deployment_id, status, asked_at, answered_at, latency_us,
       queued_us, variant_type, codec, payload, payload_bytes)
     select $1::date, r.round_id, m.model_id, m.model_id || '-1', 'success', r.asked_at, r.asked_at + interval '9 ms',
       9000, 100, 'json', a.codec, a.payload, a.bytes
     from rounds r cross join unnest(r.member_ids) with ordinality as m(model_id, place)
     join bench_answers a on a.profile = r.profile and a.kind = m.place % $2
     where (r.resolvable_at at time zone 'UTC')::date = $1::date and r.resolvable_at <= to_timestamp($3)`,
    [day, kinds, now],
  );
}
