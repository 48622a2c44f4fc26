// The grid of questions, the calendar, and one row for every member of every round.

import type { CheckOptions, Complain } from './check-options.ts';
import { groupBy } from './check-options.ts';
import type { AssetFacts, ProfileFacts } from './game-facts.ts';

export function checkRounds({ played, facts, durationSeconds, modelIds }: CheckOptions, complain: Complain): void {
  const from = played.clock.startedAt;
  const expected = new Map<string, readonly number[]>();
  for (const profile of facts.profiles) {
    for (const [i, asset] of facts.assets.entries()) {
      const candle = facts.candleSeconds;
      const offset = Math.floor((i * profile.everySeconds) / facts.assets.length / candle) * candle;
      for (let at = from; at < from + durationSeconds; at += candle) {
        const steps = (at - offset) % profile.everySeconds === 0 ? openSteps(profile, asset, at) : null;
        if (steps) expected.set(`${profile.name}.${asset.symbol}.${at}`, steps);
      }
    }
  }
  const known = new Set(played.rounds.map(({ roundId }) => roundId));
  for (const id of expected.keys()) if (!known.has(id)) complain(`round ${id} was not started`);

  const answers = groupBy(played.predictions, ({ roundId }) => roundId);
  for (const round of played.rounds) {
    const { roundId } = round;
    const steps = expected.get(roundId);
    if (!steps) complain(`round ${roundId} should not have been started`);
    const stored = stepNumbers(Object.values(round.scoredSteps)[0] ?? []);
    if (steps && stored.join() !== steps.join()) complain(`round ${roundId} scores other steps than its calendar says`);
    if (round.askedAt !== round.startedAt) complain(`round ${roundId} was asked at ${round.askedAt}`);
    if ((round.lastPricedAt ?? 0) > round.askedAt) complain(`round ${roundId} was asked with prices of the future`);
    if (round.memberIds.join() !== modelIds.join()) complain(`round ${roundId} has members ${round.memberIds}`);
    const answered = (answers.get(roundId) ?? []).map(({ modelId }) => modelId);
    if (answered.join() !== modelIds.join()) complain(`round ${roundId} has rows of models ${answered}`);
  }
  for (const roundId of answers.keys()) if (!known.has(roundId)) complain(`answers without a round: ${roundId}`);
}

/** Numbers of the steps with both ends in open time; null when the round is not to be started. */
export function openSteps(
  { horizonSeconds, stepSeconds }: ProfileFacts,
  { isOpen }: AssetFacts,
  startedAt: number,
): readonly number[] | null {
  if (!isOpen(startedAt)) return null;
  const count = horizonSeconds / stepSeconds;
  const steps: number[] = [];
  for (let i = 1; i <= count; i++) {
    if (isOpen(startedAt + (i - 1) * stepSeconds) && isOpen(startedAt + i * stepSeconds)) steps.push(i);
  }
  return steps.length * 2 < count ? null : steps;
}

function stepNumbers(ranges: readonly (readonly [number, number])[]): number[] {
  return ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
}
