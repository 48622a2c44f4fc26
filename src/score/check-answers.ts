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

const pageMax = 512; // more than have ended at once, so that those never hide the ones to check
const predictionsMax = 1024; // about a second of a turn
const settlesSoonSeconds = 30;

/**
 * Writes the verdicts of rounds that have come in. Those that have just ended are left out: they get them
 * with their scores. Returns whether there are more to write.
 */
export async function checkAnswers(
  { versions, settlements, threads }: CheckDeps,
  clock: MarketClock,
  signal: AbortSignal,
): Promise<{ readonly checked: number; readonly hasMore: boolean }> {
  const unchecked = await settlements.unchecked(pageMax);
  const toCheck: { readonly round: WaitingRound; readonly game: Game }[] = [];
  for (const round of unchecked) {
    const game = settlesSoon(round, clock) ? null : await versions.gameOf(round);
    if (game) toCheck.push({ round, game });
  }
  let predictions = 0;
  const turn = toCheck.filter(({ round: { memberIds } }) => {
    const isWithin = predictions < predictionsMax;
    predictions += memberIds.length;
    return isWithin;
  });
  let checked = 0;
  await forEachAtMost(threads.width, turn, async ({ round, game }) => {
    if (signal.aborted) return;
    const { verdicts } = await threads.scoreRound(roundTask(game, round, null), await settlements.predictions(round));
    const { roundId, resolvableAt } = round;
    await settlements.saveVerdicts([{ roundId, resolvableAt, verdicts }]);
    checked++;
  });
  return { checked, hasMore: checked > 0 && (turn.length < toCheck.length || unchecked.length === pageMax) };
}

/** Whether it ended within the last half minute of wall time. */
function settlesSoon({ resolvableAt }: WaitingRound, { now, speed }: MarketClock): boolean {
  return resolvableAt <= now && now < resolvableAt + settlesSoonSeconds * speed;
}
