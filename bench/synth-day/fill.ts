// A production day of synth, due and unscored, written straight into the database: prices and rounds through the
// repositories, answers by one statement a question.

import type { Game } from '../../src/domain/game.ts';
import { roundId, scoredSteps } from '../../src/domain/grid.ts';
import type { Price } from '../../src/domain/price.ts';
import type { JournalEntry } from '../../src/domain/repositories.ts';
import type { Round } from '../../src/domain/round.ts';
import { gameVersion } from '../../src/domain/version.ts';
import type { Database } from '../../src/storage/connect.ts';
import { createPredictRepository } from '../../src/storage/postgres/predict.ts';
import { seededRandom } from '../../test/lib/seeded.ts';
import { type Packed, packedAnswer } from './answers.ts';

const day = 86_400;
/** How many rounds of each profile end within the day. */
export const roundsOfDay = { '24h': 437, '1h': 906 } as const;
export const modelsOfDay = 276;

export interface Filled {
  readonly rounds: number;
  readonly answers: number;
  readonly densities: number;
  readonly payloadBytes: number;
}

export interface FillOptions {
  /** The day's last instant, a UTC midnight. */
  readonly endedAt: number;
  readonly memberIds: readonly string[];
  /** Of the day's rounds only the first 1/`part` of it. Default 1: all. */
  readonly part?: number;
  /** That many days alike, the last ending at `endedAt`. Default 1. */
  readonly days?: number;
  /** These instead of models' answers, in turn, and only in the first so many rounds: all others have none. */
  readonly hostile?: { readonly payloads: readonly Packed[]; readonly rounds: number };
  readonly boardEverySeconds: number;
}

export async function fillDay(db: Database, game: Game, options: FillOptions): Promise<Filled> {
  const { endedAt, memberIds, part = 1, days = 1, boardEverySeconds, hostile } = options;
  const random = seededRandom(7);
  const startedAt = endedAt - days * day;
  const prices = new Map(
    game.assets.map((asset) => [asset.symbol, pricePath(asset, game, startedAt - 2 * day, endedAt, random)]),
  );
  const rounds = Object.entries(roundsOfDay).flatMap(([profile, count]) =>
    roundsOf(game, { profile, count, total: Math.ceil((days * count) / part), startedAt, memberIds, prices }),
  );
  const repository = createPredictRepository(db);
  const { id, data } = gameVersion(game);
  const competition = { game: game.name, world: 'simulated:1', seed: 1, alwaysOpen: [] };
  await repository.openCompetition({ ...competition, boardEverySeconds });
  await repository.saveGameVersion(id, data);
  await repository.write([
    ...[...prices.values()].map((path): JournalEntry => ({ type: 'prices', prices: path, receivedAt: endedAt })),
    ...memberIds.flatMap((modelId) => joined(modelId, startedAt - day)),
    ...rounds.flatMap(opened),
  ]);
  const totals = hostile
    ? await copyHostile(db, rounds, hostile)
    : await copyAnswers(db, game, rounds, memberIds.length, random);
  // Only now may a worker begin.
  const now = startedAt + (days * day) / part + 2 * game.candleSeconds;
  await repository.write([{ type: 'clock', clock: { now, speed: 1, mode: 'live', startedAt } }]);
  await db.query('analyze');
  return { rounds: rounds.length, ...totals };
}

interface RoundsOptions {
  readonly profile: string;
  /** In a day. */
  readonly count: number;
  readonly total: number;
  readonly startedAt: number;
  readonly memberIds: readonly string[];
  readonly prices: ReadonlyMap<string, readonly Price[]>;
}

/** Evenly over the day, the assets in turn. */
function roundsOf(game: Game, { profile: name, count, total, startedAt, memberIds, prices }: RoundsOptions): Round[] {
  const profile = game.profiles.find((candidate) => candidate.name === name);
  if (profile === undefined) throw new Error(`Cannot fill a day of profile "${name}": the game has none`);
  const { assets, stepsSeconds, horizonSeconds } = profile;
  return Array.from({ length: total }, (_, i): Round => {
    const resolvableAt = startedAt + Math.floor((i * day) / count / 60) * 60;
    const asset = assets[i % assets.length] as string;
    const question = { asset, horizonSeconds, stepsSeconds, startedAt: resolvableAt - horizonSeconds };
    const before = (prices.get(asset) ?? []).filter(
      ({ pricedAt }) => pricedAt <= question.startedAt && pricedAt > question.startedAt - game.contextSeconds,
    );
    return {
      roundId: roundId({ profile: name, ...question }),
      profile: name,
      asset,
      startedAt: question.startedAt,
      resolvableAt,
      gameVersion: gameVersion(game).id,
      ruleName: game.rule.name,
      ruleVersion: game.rule.version,
      askedAt: question.startedAt + 1,
      lastPricedAt: question.startedAt,
      scoredSteps: scoredSteps(profile, undefined, question.startedAt) ?? {},
      context: game.context(question, {
        pricedAt: before.map(({ pricedAt }) => pricedAt),
        price: before.map(({ price }) => price),
      }),
      memberIds,
      warmup: false,
    };
  });
}

function opened({ resolvableAt, ...round }: Round): JournalEntry[] {
  return [
    { type: 'round', round: { resolvableAt, ...round } },
    // Closed; the answers follow in bulk.
    { type: 'answers', roundId: round.roundId, resolvableAt, fault: null, predictions: [] },
  ];
}

function joined(modelId: string, joinedAt: number): JournalEntry[] {
  const names = { modelName: modelId, cruncherKey: modelId, cruncherId: modelId, cruncherName: modelId };
  return [
    { type: 'model', model: { modelId, ...names }, seenAt: joinedAt },
    { type: 'membership', membership: { modelId, joinedAt, goneAt: null, leftAt: null } },
  ];
}

/** A random walk, a price a candle, to a little beyond `to`. */
function pricePath(
  { symbol, simulated }: Game['assets'][number],
  { candleSeconds }: Game,
  from: number,
  to: number,
  random: () => number,
): readonly Price[] {
  let { price } = simulated;
  const count = (to - from) / candleSeconds + 3;
  return Array.from({ length: count }, (_, i) => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    price *= Math.exp(simulated.candleVolatility * normal);
    return { asset: symbol, pricedAt: from + i * candleSeconds, price, source: 'simulated' };
  });
}

/** An answer of its own for each model and question (asset and profile), the same in all of its rounds. */
async function copyAnswers(db: Database, game: Game, rounds: readonly Round[], models: number, random: () => number) {
  await createPayloads(db);
  const totals = { answers: 0, densities: 0, payloadBytes: 0 };
  for (const profile of game.profiles) {
    const densities = profile.stepsSeconds.reduce((sum, step) => sum + profile.horizonSeconds / step, 0);
    for (const asset of profile.assets) {
      const own = rounds.filter((round) => round.asset === asset && round.profile === profile.name);
      if (own.length === 0) continue;
      const { price = 1, candleVolatility = 1 } = game.assets.find(({ symbol }) => symbol === asset)?.simulated ?? {};
      const secondVolatility = (price * candleVolatility) / Math.sqrt(game.candleSeconds);
      const answers = Array.from({ length: models }, (_, i) =>
        packedAnswer(profile, { parts: i % 2 === 0 ? 1 : 3, secondVolatility, random }),
      );
      await keepPayloads(db, answers);
      await insertAnswers(db, own);
      await db.query('truncate bench_answers');
      totals.answers += own.length * models;
      totals.densities += own.length * models * densities;
      totals.payloadBytes += own.length * answers.reduce((sum, { payload }) => sum + payload.length, 0);
    }
  }
  await db.query('drop table bench_answers');
  return totals;
}

async function copyHostile(db: Database, rounds: readonly Round[], hostile: NonNullable<FillOptions['hostile']>) {
  const first = rounds.toSorted((a, b) => a.resolvableAt - b.resolvableAt).slice(0, hostile.rounds);
  const members = first[0]?.memberIds.length ?? 0;
  const answers = Array.from({ length: members }, (_, i) => hostile.payloads[i % hostile.payloads.length] as Packed);
  await createPayloads(db);
  for (let from = 0; from < members; from += 50) await keepPayloads(db, answers.slice(from, from + 50), from);
  for (const round of first) await insertAnswers(db, [round]);
  await db.query('drop table bench_answers');
  const bytes = answers.reduce((sum, { payload }) => sum + payload.length, 0);
  return { answers: first.length * members, densities: 0, payloadBytes: first.length * bytes };
}

async function createPayloads(db: Database): Promise<void> {
  await db.query('create unlogged table bench_answers (place int primary key, codec text, payload bytea, bytes int)');
  await db.query('alter table bench_answers alter column payload set storage external');
}

async function keepPayloads(db: Database, answers: readonly Packed[], from = 0): Promise<void> {
  await db.query(
    `insert into bench_answers select place + $4, codec, decode(payload, 'base64'), bytes
     from unnest($1::text[], $2::text[], $3::int[]) with ordinality as a(codec, payload, bytes, place)`,
    [
      answers.map(({ codec }) => codec),
      answers.map(({ payload }) => Buffer.from(payload).toString('base64')),
      answers.map(({ bytes }) => bytes),
      from,
    ],
  );
}

async function insertAnswers(db: Database, rounds: readonly Round[]): Promise<void> {
  for (const date of new Set(rounds.map(dayOf))) await db.query('select ensure_day($1)', [date]);
  await db.query(
    `insert into predictions (day, round_id, model_id, deployment_id, status, asked_at, answered_at, latency_us,
       queued_us, variant_type, codec, payload, payload_bytes)
     select (r.resolvable_at at time zone 'UTC')::date, r.round_id, m.model_id, m.model_id || '-1', 'success',
       r.asked_at, r.asked_at + interval '9 ms', 9000, 100, 'json', a.codec, a.payload, a.bytes
     from rounds r cross join unnest(r.member_ids) with ordinality as m(model_id, place) join bench_answers a using (place)
     where r.round_id = any($1)`,
    [rounds.map((round) => round.roundId)],
  );
}

function dayOf({ resolvableAt }: Round): string {
  return new Date(resolvableAt * 1000).toISOString().slice(0, 10);
}
