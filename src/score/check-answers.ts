// The third part of a pass, off the critical path: answers that have come are read soon, so that a cruncher
// learns of an invalid one within a minute and not after the horizon has passed.

import type { MarketClock } from '../domain/clock.ts';
import type { Game } from '../domain/game.ts';
import type { SettlementRepository, WaitingRound } from '../domain/repositories.ts';
import { forEachAtMost } from './each-at-most.ts';
import { roundTask } from './score-round.ts';
import type { ScoringThreads } from './threads.ts';
import type { GameVersions } from './versions.ts';

export interface CheckDeps {
  readonly versions: GameVersions;
  readonly settlements: SettlementRepository;
  readonly threads: ScoringThreads;
}

export interface CheckOptions {
  /** Whether rounds wait to be settled: those that have ended then get their verdicts with their scores. */
  readonly isBehind: boolean;
}

const pageMax = 512; // more than have ended at once, so that those never hide the ones to check
const predictionsMax = 1024; // about a second of a turn
const settlesSoonSeconds = 30;

/**
 * Writes the verdicts of rounds that have come in, those of the nearest end first. Those that have just ended
 * are left out: they get them with their scores. Returns whether there are more to write.
 */
export async function checkAnswers(
  { versions, settlements, threads }: CheckDeps,
  clock: MarketClock,
  { isBehind }: CheckOptions,
  signal: AbortSignal,
): Promise<{ readonly checked: number; readonly hasMore: boolean }> {
  const unchecked = await settlements.unchecked(pageMax, isBehind ? clock.now : undefined);
  const turn: { readonly round: WaitingRound; readonly game: Game }[] = [];
  let [predictions, isCut] = [0, false];
  for (const round of unchecked) {
    const game = settlesSoon(round, clock) ? null : await versions.gameOf(round);
    if (game === null) continue;
    isCut = predictions >= predictionsMax;
    if (isCut) break;
    turn.push({ round, game });
    predictions += round.memberIds.length;
  }
  let checked = 0;
  await forEachAtMost(threads.width, turn, async ({ round, game }) => {
    if (signal.aborted) return;
    const { verdicts } = await threads.scoreRound(roundTask(game, round, null), settlements.predictions(round));
    const { roundId, resolvableAt } = round;
    await settlements.saveVerdicts([{ roundId, resolvableAt, verdicts }]);
    checked++;
  });
  return { checked, hasMore: checked > 0 && (isCut || unchecked.length === pageMax) };
}

/** Whether it ended within the last half minute of wall time. */
function settlesSoon({ resolvableAt }: WaitingRound, { now, speed }: MarketClock): boolean {
  return resolvableAt <= now && now < resolvableAt + settlesSoonSeconds * speed;
}
