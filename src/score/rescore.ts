// History scored again: a span of settled rounds under the rules of the game at hand, kept beside what ranks,
// and compared with it. It may be stopped and started again, and run beside the live workers; it writes to its
// own tables alone.

import { createHash } from 'node:crypto';
import type { Competition } from '../domain/clock.ts';
import type { Rule } from '../domain/game.ts';
import { rankStandings } from '../domain/ranking.ts';
import type {
  PriceRepository,
  Rescore,
  RescoreRepository,
  SettledRound,
  SettlementRepository,
} from '../domain/repositories.ts';
import { computeStandings } from '../domain/standing.ts';
import { forEachAtMost } from './each-at-most.ts';
import { scoreRound } from './score-round.ts';
import { settledAgain } from './settled-again.ts';
import type { ScoringThreads } from './threads.ts';
import type { GameVersions } from './versions.ts';

export interface RescoreDeps {
  readonly competition: Competition;
  readonly versions: GameVersions;
  readonly settlements: Pick<SettlementRepository, 'predictions'>;
  readonly rescores: RescoreRepository;
  readonly prices: PriceRepository;
  readonly threads: ScoringThreads;
}

export interface RescorePlan {
  /** The game's primary rule or one of its shadow rules. */
  readonly ruleName: string;
  readonly from: number;
  readonly to: number;
}

export interface RescoreProgress {
  readonly done: number;
  readonly total: number;
  /** Of `done`: rounds that the rule could not score. */
  readonly refused: number;
}

/** One model's place at the end of the span, over the rescored rounds: as ranked, and as it would be. */
export interface RankChange {
  readonly modelId: string;
  readonly before: { readonly rank: number; readonly mean: number | null };
  readonly after: { readonly rank: number; readonly mean: number | null };
}

const roundsAtOnce = 64; // of the span, read and worked through at a time

/**
 * The rescore that `plan` asks for. Its id is a hash of rule, game and span: the same plan goes on where it
 * was cut off, another version of the rule begins anew.
 * @throws Error when the game has no such rule, or the span is empty.
 */
export function planRescore({ own }: GameVersions, { ruleName, from, to }: RescorePlan): Rescore {
  const { game, gameVersion } = own;
  const rules: readonly Rule[] = [game.rule, ...game.shadowRules];
  const rule = rules.find(({ name }) => name === ruleName);
  if (rule === undefined) {
    const names = rules.map(({ name }) => `"${name}"`).join(', ');
    throw new Error(`Cannot rescore under "${ruleName}": game ${game.name} has ${names}`);
  }
  if (!(from < to)) throw new Error(`Cannot rescore from ${from} to ${to}: the span must end after it begins`);
  const words = JSON.stringify([rule.name, rule.version, gameVersion, from, to]);
  const rescoreId = createHash('sha256').update(words).digest('hex').slice(0, 16);
  return { rescoreId, ruleName: rule.name, ruleVersion: rule.version, gameVersion, from, to };
}

/**
 * Computes what is not computed yet, round by round, and returns how far it came: all of the span unless
 * `signal` aborts. Whatever a round's answers are, the rescore goes on: a round that can't be scored is
 * kept with its reason.
 */
export async function runRescore(
  deps: RescoreDeps,
  rescore: Rescore,
  onProgress: (progress: RescoreProgress) => void,
  signal: AbortSignal,
): Promise<RescoreProgress> {
  const { rescores, threads } = deps;
  await rescores.open(rescore);
  for (;;) {
    const progress = await rescores.progress(rescore.rescoreId);
    onProgress(progress);
    if (signal.aborted) return progress;
    const rounds = await rescores.next(rescore.rescoreId, roundsAtOnce);
    if (rounds.length === 0) return progress;
    await forEachAtMost(threads.width, rounds, async (round) => {
      if (signal.aborted) return;
      await rescores.save(rescore.rescoreId, round.roundId, await rescoreRound(deps, rescore, round));
    });
  }
}

/** Ranks at the end of the span, before and after, in the order of the new ranks. */
export async function compareRanks(
  { versions, rescores }: Pick<RescoreDeps, 'versions' | 'rescores'>,
  { rescoreId, to }: Rescore,
): Promise<readonly RankChange[]> {
  const { game } = versions.own;
  const { before, after, members } = await rescores.compare(rescoreId, game.windows);
  const ranked = (sums: typeof before) => rankStandings(computeStandings(game, members, sums, to));
  const old = new Map(ranked(before).map((row) => [row.modelId, row]));
  const place = (row: ReturnType<typeof ranked>[number]) => ({ rank: row.rank, mean: longestMean(row.overall) });
  return ranked(after).flatMap((row) => {
    const previous = old.get(row.modelId);
    return previous ? [{ modelId: row.modelId, before: place(previous), after: place(row) }] : [];
  });
}

/** Of the longest window that has one. */
function longestMean(overall: Readonly<Record<'recent' | 'steady' | 'anchor', { readonly value: number | null }>>) {
  return overall.anchor.value ?? overall.steady.value ?? overall.recent.value;
}

type RescoredRound = Parameters<RescoreRepository['save']>[2];

async function rescoreRound(
  { competition, versions, settlements, prices, threads }: RescoreDeps,
  { ruleName }: Rescore,
  round: SettledRound,
): Promise<RescoredRound> {
  const refused = (reason: string): RescoredRound => ({ reason, scores: [] });
  const game = await versions.underOwnRules(round);
  if (game === null) return refused('the data of its game version is nowhere to be found');
  const source = round.settlement.state === 'settled' ? round.settlement.source : ''; // the span holds no void round
  const state = await settledAgain(competition, game, prices, round);
  if (state === null) return refused('its prices are no longer there');
  const waiting = { ...round, fault: null, checked: true };
  const { settlement: again, scores } = await scoreRound(
    game,
    threads,
    waiting,
    state,
    source,
    settlements.predictions(round),
  );
  if (again.state === 'void') return refused(again.reason);
  const own = scores.filter((score) => score.ruleName === ruleName);
  return own.length === 0 ? refused(`the rule ${ruleName} could not score it`) : { reason: null, scores: own };
}
