// The check of a finished competition's numbers, from its rows and from prices alone. It imports nothing of
// the program: what it says about CRPS, calendars, windows and ranks it has worked out by other means.
// It returns complaints, so that a test can also show that it complains.

import { checkBoard, checkCounts } from './check-board.ts';
import { type CheckOptions, groupBy } from './check-options.ts';
import { checkRounds } from './check-rounds.ts';
import { checkScores } from './check-scores.ts';
import { checkTold } from './check-told.ts';

export interface CheckResult {
  /** Empty when all is right. */
  readonly complaints: readonly string[];
  readonly rounds: number;
  readonly integrated: number;
  readonly integratedByModel: Readonly<Record<string, number>>;
  readonly means: number;
  /** Answers of the random walk whose scale was worked out again. */
  readonly told: number;
}

const complaintsMost = 10_000; // a shifted file gives one for every round, score and mean

export function checkNumbers(options: CheckOptions): CheckResult {
  const complaints: string[] = [];
  const complain = (text: string) => {
    if (complaints.length < complaintsMost) complaints.push(text);
  };
  checkRounds(options, complain);
  const integrated = checkScores(options, complain);
  const means = checkBoard(options, complain);
  checkCounts(options, complain);
  const told = checkTold(options, complain);
  const byModel = groupBy(integrated, ({ modelId }) => modelId);
  return {
    complaints,
    rounds: options.played.rounds.length,
    integrated: integrated.length,
    integratedByModel: Object.fromEntries([...byModel].map(([modelId, own]) => [modelId, own.length])),
    means,
    told,
  };
}
