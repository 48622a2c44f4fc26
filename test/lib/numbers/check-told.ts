// What models were told: the example model "Random walk" forecasts with the volatility of the last three
// days it knows, so its scale gives away every price it had at the moment it was asked, and none more.

import type { CheckOptions, Complain } from './check-options.ts';
import { isNear } from './check-options.ts';
import { answerOf } from './played.ts';

const randomWalkId = '1';
const daySeconds = 86_400;
// models/random-walk.ts: ten candles of a quiet market stand before what it has seen.
const prior = { squares: 10 * 5e-4 ** 2, count: 10 };

/** Returns how many answers were compared. */
export function checkTold({ played, prices, facts }: CheckOptions, complain: Complain): number {
  const rounds = new Map(played.rounds.map((round) => [round.roundId, round]));
  let compared = 0;
  for (const prediction of played.predictions) {
    const round = rounds.get(prediction.roundId);
    const profile = facts.profiles.find(({ name }) => name === round?.profile);
    if (prediction.modelId !== randomWalkId || prediction.status !== 'success' || !round || !profile) continue;
    const series = prices.get(round.asset);
    let newestAt = round.startedAt;
    while (!series?.has(newestAt) && newestAt > round.startedAt - 7 * daySeconds) newestAt -= facts.candleSeconds;
    let { squares, count } = prior;
    for (let at = newestAt; at > newestAt - 3 * daySeconds; at -= facts.candleSeconds) {
      const [price, before] = [series?.get(at), series?.get(at - facts.candleSeconds)];
      if (price === undefined || before === undefined) continue;
      squares += (Math.log(price) - Math.log(before)) ** 2;
      count++;
    }
    const scale = Math.sqrt((squares / count) * (profile.stepSeconds / facts.candleSeconds));
    const [first] = answerOf(prediction) as readonly { readonly params: { readonly scale: number } }[];
    if (!isNear(first?.params.scale, scale, 1e-10, 0)) {
      complain(
        `model 1 was told other prices before ${round.roundId}: its scale is ${first?.params.scale}, not ${scale}`,
      );
    }
    compared++;
  }
  return compared;
}
