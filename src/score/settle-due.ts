// The first part of a pass: every round that is due at market now is claimed, scored whole and committed
// whole, in batches of bounded size.

import type { Competition, MarketClock } from '../domain/clock.ts';
import type { Game, ShadowRule } from '../domain/game.ts';
import type { RoundPlace, SettlementRepository, WaitingRound } from '../domain/repositories.ts';
import { type RoundState, settleRound, voidInstant } from '../domain/settle-round.ts';
import { wallNow } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { forEachAtMost } from './each-at-most.ts';
import type { SettlementPrices } from './prices.ts';
import { type ScoredRound, scoreRound } from './score-round.ts';
import type { ScoringThreads } from './threads.ts';
import { calendarOf, type GameVersions } from './versions.ts';

export interface SettleDeps {
  readonly versions: GameVersions;
  readonly settlements: SettlementRepository;
  readonly prices: SettlementPrices;
  readonly threads: ScoringThreads;
  readonly log: Log;
  readonly alarm: (refused: readonly WaitingRound[]) => void;
  /** Told of shadow rules that could not be computed for a round. Default: nobody. */
  readonly shadowAlarm?: (rule: ShadowRule, reason: string, roundId: string) => void;
  /** Makes a lease token no other worker has. */
  readonly token: () => string;
  readonly limits?: Partial<SettleLimits>;
  /** Wall time, to bound a turn. */
  readonly wall?: () => number;
}

export interface SettleLimits {
  /** Rounds in memory at a time. */
  readonly page: number;
  /** Rounds, and predictions over all of them, claimed and committed at a time (a single round may hold more). */
  readonly batchRounds: number;
  readonly batchPredictions: number;
  readonly leaseSeconds: number;
  /** No batch is begun later than this after the first: a turn has other duties. */
  readonly turnSeconds: number;
}

const defaults: SettleLimits = {
  page: 256, // with 1,000 members each, some 10 MB of rounds
  batchRounds: 64,
  batchPredictions: 1024, // about 2 s of scoring, 9 MB of payloads
  leaseSeconds: 30, // renewed while a batch is at work; what a killed worker held waits this long
  turnSeconds: 10, // verdicts are due within a minute of an answer, whatever the backlog
};
const pagesMax = 32; // rounds that may wait at once; beyond them they are looked at as earlier ones settle
const batchesAtOnce = 2; // one is scored while another is claimed or committed

export interface SettleResult {
  readonly committed: number;
  /** Boards earlier than this are complete: no round that is due for them is left. */
  readonly completeBefore: number;
  /** True when there may be more rounds than one page holds. */
  readonly hasMore: boolean;
}

/** Settles what is due at `clock.now`, as far as one page of waiting rounds goes. */
export async function settleDue(
  deps: SettleDeps,
  { competition, clock }: { readonly competition: Competition; readonly clock: MarketClock },
  signal: AbortSignal,
): Promise<SettleResult> {
  const limits = { ...defaults, ...deps.limits };
  const { due, isWhole, completeBefore } = await lookForDue(deps, competition, clock.now, limits.page);
  const left = new Map(due.map(({ round, state }) => [round.roundId, state.settledAt]));
  const { wall = wallNow } = deps;
  const endAt = wall() + limits.turnSeconds;
  let [committed, isCut] = [0, false];
  await forEachAtMost(batchesAtOnce, cutIntoBatches(due, limits), async (batch) => {
    isCut ||= wall() > endAt;
    if (signal.aborted || isCut) return;
    for (const roundId of await settleBatch(deps, batch, limits.leaseSeconds, signal)) {
      left.delete(roundId);
      committed++;
    }
  });
  return {
    committed,
    completeBefore: Math.min(completeBefore, ...left.values()),
    hasMore: isCut || (!isWhole && committed > 0),
  };
}

type DueState = Exclude<RoundState, { state: 'wait' }>;

interface OwnedRound {
  readonly round: WaitingRound;
  /** The game it was started under; null when this worker doesn't have it. */
  readonly game: Game | null;
}

interface DueRound extends OwnedRound {
  readonly state: DueState;
}

/**
 * Rounds of the page that are due at `now`. Rounds of versions this worker does not have are reported, and
 * hold up no board: a leaderboard that stands still until somebody deploys an old version again would harm
 * everyone, and a round settled late is folded into the next board.
 */
async function lookForDue(deps: SettleDeps, competition: Competition, now: number, page: number) {
  const { versions, settlements, alarm } = deps;
  const refused: WaitingRound[] = [];
  let [due, isWhole, after]: [DueRound[], boolean, RoundPlace | undefined] = [[], false, undefined];
  for (let pages = 0; pages < pagesMax && !isWhole && due.length === 0; pages++) {
    const waiting: readonly WaitingRound[] = await settlements.waiting(now, page, after);
    const rounds: OwnedRound[] = [];
    for (const round of waiting) {
      const game = await versions.gameOf(round);
      if (game === null && round.fault === null) refused.push({ ...round, memberIds: [] });
      else rounds.push({ round, game }); // a fault needs no rule
    }
    // A page full of rounds that only wait must not hide the due ones behind it.
    due = await statesOf(deps, competition, now, rounds, pages === 0);
    isWhole = waiting.length < page;
    after = waiting.at(-1);
  }
  alarm(refused);
  // Rounds beyond a full page end no earlier than its last one, and settle no earlier than they end.
  return { due, isWhole, completeBefore: isWhole ? Number.POSITIVE_INFINITY : (after?.resolvableAt ?? 0) };
}

async function statesOf(
  deps: SettleDeps,
  competition: Competition,
  now: number,
  rounds: readonly OwnedRound[],
  isFirstPage: boolean,
): Promise<DueRound[]> {
  const { versions, prices } = deps;
  const { game: own } = versions.own;
  const longest = Math.max(
    ...own.profiles.map(({ horizonSeconds }) => horizonSeconds),
    ...rounds.map(({ round }) => round.resolvableAt - round.startedAt),
  );
  // Rounds still to come end later than the first of these, and those of earlier pages wait for later prices.
  const firstEnd = rounds[0]?.round.resolvableAt ?? now;
  if (isFirstPage) prices.forgetBefore(firstEnd - longest - 2 * own.toleranceCandles * own.candleSeconds);
  const due: DueRound[] = [];
  for (const { round, game } of rounds) {
    const state = await stateOf(deps, competition, now, round, game ?? own);
    if (state.state !== 'wait') due.push({ round, game, state });
  }
  return due;
}

async function stateOf(
  { prices }: SettleDeps,
  competition: Competition,
  now: number,
  round: WaitingRound,
  game: Game,
): Promise<RoundState> {
  const tolerance = game.toleranceCandles * game.candleSeconds;
  const calendar = calendarOf(game, competition, round.asset);
  const from = round.startedAt - tolerance - 1;
  const to = Math.min(now, voidInstant(round, game, calendar)); // after days of downtime, not all days at once
  const settle = async () => {
    const series = await prices.cover(round.asset, from, to);
    return settleRound(round, { game, calendar, series, now });
  };
  const state = await settle();
  if (round.fault) return state;
  const isOverdue = now > round.resolvableAt + tolerance + game.candleSeconds;
  const isMissingPrices = (state.state === 'wait' && isOverdue) || (state.state === 'void' && !state.ours);
  if (!isMissingPrices) return state;
  // Void is for ever, so the prices are looked at once more, however recently that was done.
  const added = await prices.refill(round.asset, from, to, { force: state.state === 'void' });
  return added > 0 ? await settle() : state;
}

function cutIntoBatches(due: readonly DueRound[], limits: SettleLimits): DueRound[][] {
  const batches: DueRound[][] = [];
  let predictions = 0;
  for (const item of due) {
    const batch = batches.at(-1);
    const members = item.round.memberIds.length;
    if (batch && batch.length < limits.batchRounds && predictions + members <= limits.batchPredictions) {
      batch.push(item);
      predictions += members;
    } else {
      batches.push([item]);
      predictions = members;
    }
  }
  return batches;
}

/** Claims, scores and commits; ids of what was committed. What another worker holds is left to it. */
async function settleBatch(
  { settlements, prices, threads, token: newToken, shadowAlarm, log }: SettleDeps,
  batch: readonly DueRound[],
  leaseSeconds: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const token = newToken();
  const ids = batch.map(({ round }) => round.roundId);
  const taken = new Set(await settlements.claim(ids, token, leaseSeconds));
  const mine = batch.filter(({ round }) => taken.has(round.roundId));
  if (mine.length === 0) return [];
  log.debug({ token, rounds: mine.length, first: mine[0]?.round.roundId }, 'claimed rounds');
  const renewal = keepLease(settlements, [...taken], token, leaseSeconds, log);
  let committed: readonly string[] = [];
  try {
    const results = new Array<ScoredRound | undefined>(mine.length);
    await forEachAtMost(threads.width, [...mine.entries()], async ([i, { round, game, state }]) => {
      if (signal.aborted) return;
      const pages = settlements.predictions(round);
      const result = await scoreRound(game, threads, round, state, prices.source, pages);
      for (const { rule, reason } of result.shadowFaults) shadowAlarm?.(rule, reason, round.roundId);
      results[i] = result;
    });
    // Stopped half-way, what is finished is committed all the same.
    const scored = results.filter((result) => result !== undefined);
    log.debug({ token, rounds: scored.length }, 'committing rounds');
    committed = await settlements.commit(token, scored);
    if (committed.length < scored.length) {
      log.warn({ lost: scored.length - committed.length }, 'lost the lease of rounds to another worker');
    }
    log.debug({ token, rounds: committed.length, first: committed[0] }, 'settled rounds');
    return committed;
  } finally {
    renewal.stop();
    const unfinished = [...taken].filter((roundId) => !committed.includes(roundId));
    if (unfinished.length > 0) await giveBack(settlements, unfinished, token, log);
  }
}

/** Ends a lease, so that nobody waits for it to run out. Where that fails, it runs out. */
async function giveBack(settlements: SettlementRepository, ids: readonly string[], token: string, log: Log) {
  await settlements.claim(ids, token, 0).catch((error: unknown) => {
    log.debug({ err: error, rounds: ids.length }, 'could not give back a lease');
  });
}

/** Claims again under the same token, so that a slow batch is not taken away; a failure is only late. */
function keepLease(
  settlements: SettlementRepository,
  ids: readonly string[],
  token: string,
  leaseSeconds: number,
  log: Log,
): { stop(): void } {
  const timer = setInterval(
    () => {
      settlements.claim(ids, token, leaseSeconds).catch((error: unknown) => {
        log.warn({ err: error }, 'could not renew a lease');
      });
    },
    (leaseSeconds * 1000) / 3,
  );
  return { stop: () => clearInterval(timer) };
}
