// The final board: every window mean, every overall value, every rank, and what it counts.

import type { CheckOptions, Complain } from './check-options.ts';
import { isNear } from './check-options.ts';
import { windowNames } from './game-facts.ts';
import { type Mean, standingsAt } from './standings.ts';

// Plain addition of up to 2,000 doubles, against exact sums.
const meanTolerance = 1e-11;

/** Returns how many means were compared. */
export function checkBoard({ played, facts, board }: CheckOptions, complain: Complain): number {
  const { leaderboard } = played;
  if (!leaderboard) {
    complain('there is no leaderboard');
    return 0;
  }
  const { asOf } = leaderboard;
  if (Date.parse(`${board.asOf}Z`) !== asOf * 1000) complain(`the file is of ${board.asOf}, the board of ${asOf}`);
  if (asOf !== played.clock.now) complain(`market time ended at ${played.clock.now}, the last board is of ${asOf}`);
  const weights = Object.fromEntries(facts.assets.map(({ symbol, weight }) => [symbol, weight]));
  const rows = standingsAt(played, { weights, windows: facts.windows }, asOf);
  const order = rows.map(({ modelId, rank }) => `${rank} ${modelId}`).join(', ');
  const orderOfFile = board.rows.map(({ model_id, rank }) => `${rank} ${model_id}`).join(', ');
  if (orderOfFile !== order) complain(`the file ranks ${orderOfFile}, recomputed ${order}`);
  const orderOfBoard = leaderboard.standings.map(({ modelId, rank }) => `${rank} ${modelId}`).join(', ');
  if (orderOfBoard !== order) complain(`the board ranks ${orderOfBoard}, recomputed ${order}`);

  let means = 0;
  for (const row of rows) {
    const standing = leaderboard.standings.find(({ modelId }) => modelId === row.modelId);
    const line = board.rows.find(({ model_id }) => model_id === row.modelId);
    if (!standing || !line) continue;
    for (const window of windowNames) {
      const where = `model ${row.modelId}, ${window}`;
      const compare = (what: string, mean: Mean, found: number | null | undefined) => {
        means++;
        if (!isNear(found, mean.value, meanTolerance)) complain(`${where}, ${what} is ${found}, not ${mean.value}`);
      };
      compare('overall in the file', row.overall[window], line[`score_${window}`]);
      compare('overall', row.overall[window], standing.overall[window].value);
      for (const [profile, mean] of Object.entries(row.byProfile)) {
        compare(profile, mean[window], standing.byProfile[profile]?.[window].value);
      }
      for (const [key, parts] of row.parts) {
        const [profile = '', asset = ''] = key.split('.');
        const found = standing.byAsset[profile]?.[asset]?.[window];
        compare(key, parts[window], found?.value);
        if (found?.count !== parts[window].count) complain(`${where}, ${key} counts ${found?.count} rounds`);
        const availability = parts[window].count === 0 ? null : parts[window].answered / parts[window].count;
        if (found?.availability !== availability) complain(`${where}, ${key} has availability ${found?.availability}`);
      }
    }
  }
  return means;
}

export function checkCounts({ played, board }: CheckOptions, complain: Complain): void {
  const { rounds, predictions } = board.counts;
  const inState = (state: string) => played.settlements.filter((settlement) => settlement.state === state).length;
  const ofStatus = (status: string) => played.predictions.filter((prediction) => prediction.status === status).length;
  const settled = inState('settled');
  const voided = inState('void');
  const expected = {
    'rounds asked': [rounds.asked, played.rounds.length],
    'rounds settled': [rounds.settled, settled],
    'rounds void': [rounds.void, voided],
    'rounds open': [rounds.open, played.rounds.length - settled - voided],
    'rounds asked, as a sum': [rounds.asked, rounds.settled + rounds.void + rounds.open],
    'slots skipped': [rounds.skipped, played.skips.reduce((sum, { slots }) => sum + slots, 0)],
    success: [predictions.success, ofStatus('success')],
    failed: [predictions.failed, ofStatus('failed')],
    timeout: [predictions.timeout, ofStatus('timeout')],
    absent: [predictions.absent, ofStatus('absent')],
    invalid: [predictions.invalid, played.verdicts.filter(({ verdict }) => verdict === 'invalid').length],
    scores: [played.scores.length, played.predictions.length],
  };
  for (const [name, [found, wanted]] of Object.entries(expected)) {
    if (found !== wanted) complain(`counts: ${name} is ${found}, not ${wanted}`);
  }
}
