// Everything a competition has written, read by SQL into plain rows. Instants are unix seconds.

import { brotliDecompressSync } from 'node:zlib';
import type pg from 'pg';
import type { WindowName } from './game-facts.ts';

export interface Played {
  readonly competition: { readonly game: string; readonly world: string; readonly seed: number };
  readonly clock: { readonly now: number; readonly mode: string; readonly startedAt: number };
  readonly rounds: readonly RoundRow[];
  readonly predictions: readonly PredictionRow[];
  readonly verdicts: readonly VerdictRow[];
  readonly settlements: readonly SettlementRow[];
  readonly scores: readonly ScoreRow[];
  readonly skips: readonly { readonly profile: string; readonly asset: string; readonly slots: number }[];
  readonly memberships: readonly MembershipRow[];
  /** The newest leaderboard; null before the first. */
  readonly leaderboard: LeaderboardJson | null;
}

export interface RoundRow {
  readonly roundId: string;
  readonly profile: string;
  readonly asset: string;
  readonly startedAt: number;
  readonly resolvableAt: number;
  readonly askedAt: number;
  readonly lastPricedAt: number | null;
  readonly scoredSteps: Readonly<Record<string, readonly (readonly [number, number])[]>>;
  readonly context: unknown;
  readonly memberIds: readonly string[];
  readonly isClosed: boolean;
  readonly fault: string | null;
}

export interface PredictionRow {
  readonly roundId: string;
  readonly modelId: string;
  readonly status: string;
  readonly cause: string | null;
  readonly codec: string | null;
  readonly payload: Buffer | null;
}

export interface VerdictRow {
  readonly roundId: string;
  readonly modelId: string;
  readonly verdict: string;
}

export interface SettlementRow {
  readonly roundId: string;
  readonly state: 'waiting' | 'settled' | 'void';
  readonly settledAt: number | null;
  readonly baselineScore: number | null;
  readonly priceAtStart: number | null;
  readonly priceAtEnd: number | null;
  readonly firstPricedAt: number | null;
  readonly lastPricedAt: number | null;
  readonly reason: string | null;
}

export interface ScoreRow {
  readonly roundId: string;
  readonly modelId: string;
  readonly score: number | null;
  readonly points: number;
  readonly answered: boolean;
}

export interface MembershipRow {
  readonly modelId: string;
  readonly joinedAt: number;
  readonly leftAt: number | null;
}

interface MeanJson {
  readonly value: number | null;
  readonly count: number;
  readonly availability: number | null;
}

type MeansJson = Readonly<Record<WindowName, MeanJson>>;

export interface LeaderboardJson {
  readonly asOf: number;
  readonly standings: readonly {
    readonly modelId: string;
    readonly rank: number;
    readonly overall: MeansJson;
    readonly byProfile: Readonly<Record<string, MeansJson>>;
    readonly byAsset: Readonly<Record<string, Readonly<Record<string, MeansJson>>>>;
  }[];
}

/** @throws Error when nothing has been played. */
export async function readPlayed(db: pg.Client): Promise<Played> {
  const all = async <Row>(text: string) => (await db.query(text)).rows as Row[];
  const [competition] = await all<Played['competition']>('select game, world, seed::float8 as seed from competition');
  const [clock] = await all<Played['clock']>(
    `select ${unix('now')} as now, mode, ${unix('started_at')} as "startedAt" from market_clock`,
  );
  if (!competition || !clock) throw new Error('Cannot check the competition: nothing has been played');
  const [newest] = await all<{ leaderboard: LeaderboardJson }>(
    'select leaderboard from leaderboards order by as_of desc limit 1',
  );
  return {
    competition,
    clock,
    rounds: await all(
      `select round_id as "roundId", profile, asset, ${unix('started_at')} as "startedAt",
         ${unix('resolvable_at')} as "resolvableAt", ${unix('asked_at')} as "askedAt",
         ${unix('last_priced_at')} as "lastPricedAt", scored_steps as "scoredSteps", context,
         member_ids as "memberIds", closed_at is not null as "isClosed", fault
       from rounds order by started_at, round_id`,
    ),
    predictions: await all(
      `select round_id as "roundId", model_id as "modelId", status, cause, codec, payload
       from predictions order by round_id, model_id`,
    ),
    verdicts: await all('select round_id as "roundId", model_id as "modelId", verdict from verdicts'),
    settlements: await all(
      `select round_id as "roundId", state, ${unix('settled_at')} as "settledAt", baseline_score as "baselineScore",
         price_at_start as "priceAtStart", price_at_end as "priceAtEnd", ${unix('first_priced_at')} as "firstPricedAt",
         ${unix('last_priced_at')} as "lastPricedAt", reason
       from settlements`,
    ),
    scores: await all(
      // Those that rank: shadow rules have rows of their own.
      `select s.round_id as "roundId", s.model_id as "modelId", s.score, s.points, s.answered
       from scores s join rounds r using (round_id) where s.rule = r.rule order by s.round_id, s.model_id`,
    ),
    skips: await all('select profile, asset, slots from skips'),
    memberships: await all(
      `select model_id as "modelId", ${unix('joined_at')} as "joinedAt", ${unix('left_at')} as "leftAt"
       from memberships order by model_id, joined_at`,
    ),
    leaderboard: newest?.leaderboard ?? null,
  };
}

/** What the answer says, as JSON. */
export function answerOf({ codec, payload }: Pick<PredictionRow, 'codec' | 'payload'>): unknown {
  if (payload === null) throw new Error('Cannot read an answer that is not there');
  const bytes = codec === 'br' ? brotliDecompressSync(payload) : payload;
  return JSON.parse(bytes.toString('utf8'));
}

function unix(column: string): string {
  return `extract(epoch from ${column})::float8`;
}
