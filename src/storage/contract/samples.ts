// What the contract's tests write: small, valid, alike.

import type { Leaderboard } from '../../domain/board.ts';
import type { Rule, Window } from '../../domain/game.ts';
import type { BoardInput, JournalEntry, StoredPrediction } from '../../domain/repositories.ts';
import type { Round } from '../../domain/round.ts';
import type { Settlement } from '../../domain/settlement.ts';
import type { Repositories } from '../repositories.ts';

/** 2025-06-01T12:00:00Z */
export const noon = 1_748_779_200;
export const hour = 3_600;
export const memberIds = ['m1', 'm2', 'm3'];

export const windows: readonly Window[] = [
  { name: 'recent', seconds: 2 * hour },
  { name: 'steady', seconds: 4 * hour },
  { name: 'anchor', seconds: 8 * hour },
];

export function sampleRound(startedAt = noon, changes: Partial<Round> = {}): Round {
  const asset = changes.asset ?? 'BTC';
  return {
    roundId: `1h.${asset}.${startedAt}`,
    profile: '1h',
    asset,
    startedAt,
    resolvableAt: startedAt + hour,
    gameVersion: 'v1',
    ruleName: 'condor',
    ruleVersion: 1,
    askedAt: startedAt + 0.25,
    lastPricedAt: startedAt,
    scoredSteps: { 60: [[1, 60]] },
    context: { volatility: 1.1e-7, note: 'a\u0000b' },
    memberIds,
    warmup: false,
    ...changes,
  };
}

export function samplePrediction(
  roundId: string,
  modelId: string,
  changes: Partial<StoredPrediction> = {},
): StoredPrediction {
  return {
    roundId,
    modelId,
    deploymentId: `${modelId}-d1`,
    status: 'success',
    cause: null,
    detail: null,
    answeredAt: noon + 1.5,
    latencyUs: 1_200,
    queuedUs: 30,
    variantType: 'json',
    codec: 'raw',
    payload: Buffer.from('{"x":1}'),
    payloadBytes: 7,
    ...changes,
  };
}

export function sampleAnswers(
  round: Round,
  changes: Partial<Extract<JournalEntry, { type: 'answers' }>> = {},
): Extract<JournalEntry, { type: 'answers' }> {
  return {
    type: 'answers',
    roundId: round.roundId,
    resolvableAt: round.resolvableAt,
    fault: null,
    predictions: round.memberIds.map((modelId) => samplePrediction(round.roundId, modelId)),
    ...changes,
  };
}

export function sampleSettlement(round: Round, changes: { settledAt?: number } = {}): Settlement {
  return {
    roundId: round.roundId,
    state: 'settled',
    settledAt: round.resolvableAt + 60,
    source: 'test',
    baselineScore: 1.5,
    priceAtStart: 100,
    priceAtEnd: 101,
    firstPricedAt: round.startedAt,
    lastPricedAt: round.resolvableAt,
    ...changes,
  };
}

/** Records rounds with answers of all members. */
export async function playRounds({ predict }: Repositories, rounds: readonly Round[]): Promise<void> {
  await predict.write(rounds.flatMap((round) => [{ type: 'round', round } as const, sampleAnswers(round)]));
}

/** The points of one rule, by model id. */
export interface RulePoints {
  readonly ruleName: string;
  readonly ruleVersion: number;
  readonly points: Readonly<Record<string, number>>;
}

/** Claims and commits a round with these points, by model id; `beside` holds those of shadow rules. */
export async function settleRound(
  { settlements }: Repositories,
  round: Round,
  points: Readonly<Record<string, number>>,
  settlement: Settlement = sampleSettlement(round),
  beside: readonly RulePoints[] = [],
): Promise<void> {
  await settlements.waiting(Infinity, 1_000);
  await settlements.claim([round.roundId], 'worker', 30);
  await settlements.commit('worker', [
    {
      settlement,
      resolvableAt: round.resolvableAt,
      verdicts: Object.keys(points).map((modelId) => ({
        roundId: round.roundId,
        modelId,
        verdict: 'valid' as const,
        reason: null,
      })),
      scores: [{ ruleName: 'condor', ruleVersion: 1, points }, ...beside].flatMap((rule) =>
        Object.entries(rule.points).map(([modelId, value]) => ({
          roundId: round.roundId,
          modelId,
          ruleName: rule.ruleName,
          ruleVersion: rule.ruleVersion,
          score: value,
          points: value,
          answered: true,
          diagnostics: null,
        })),
      ),
    },
  ]);
}

/** Publishes a board that says nothing but its instant, and returns what it was built from. */
export async function publishBoard(
  { board }: Repositories,
  asOf: number,
  changes: {
    snapshot?: boolean;
    windows?: readonly Window[];
    ruleName?: string;
    shadowRules?: readonly Pick<Rule, 'name' | 'version'>[];
    standings?: Leaderboard['standings'];
  } = {},
): Promise<BoardInput> {
  const inputs: BoardInput[] = [];
  const published = await board.publish(asOf, {
    windows: changes.windows ?? windows,
    ruleName: changes.ruleName ?? 'condor',
    shadowRules: changes.shadowRules ?? [],
    snapshot: changes.snapshot ?? false,
    build: (input) => {
      inputs.push(input);
      return sampleLeaderboard(asOf, input, changes.standings ?? []);
    },
  });
  const [input] = inputs;
  if (!published || input === undefined) throw new Error(`Cannot publish board ${asOf}: it was refused`);
  return input;
}

export function sampleLeaderboard(
  asOf: number,
  { counts }: BoardInput,
  standings: Leaderboard['standings'],
): Leaderboard {
  return {
    asOf,
    game: 'coin',
    gameVersion: 'v1',
    seed: 1,
    world: 'simulated:1',
    official: true,
    whyNot: null,
    counts,
    rule: { name: 'tiny', version: 1, note: null },
    shadows: [],
    standings,
  };
}

export function sampleStanding(modelId: string, rank: number): Leaderboard['standings'][number] {
  const mean = { value: 0.25, count: 2, availability: 1 };
  const means = { recent: mean, steady: mean, anchor: { value: null, count: 0, availability: null } };
  return {
    modelId,
    rank,
    overall: means,
    provisional: { recent: false, steady: true, anchor: true },
    byProfile: { '1h': means },
    byAsset: { '1h': { BTC: means } },
  };
}

/** What comes page by page, in one list. */
export async function allOf<T>(pages: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}
