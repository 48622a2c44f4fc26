// A mixture of two normals: a calm market most of the time, a wild one now and then. How often it is wild
// follows from the kurtosis of the returns, how wide both are from their variance (method of moments).

import { Model, mixture, normal } from 'condor-coordinator';

/** A minute of a quiet market, believed as firmly as ten observed candles. Keeps the scale above 0 without prices. */
const prior = { minuteVolatility: 5e-4, candles: 10 };

/** How many times wider the wild mood is than the calm one. */
const ratio = 3;

export default class TwoMoods extends Model {
  override predict(asset: string, horizonSeconds: number, stepSeconds: number) {
    const candleSeconds = Math.min(60, stepSeconds);
    const returns = this.prices.logReturns(asset, 3 * 1440 * candleSeconds, candleSeconds);

    const quiet = prior.minuteVolatility ** 2 * (candleSeconds / 60);
    const count = prior.candles + returns.length;
    let squares = prior.candles * quiet;
    let fourths = prior.candles * 3 * quiet ** 2;
    for (const r of returns) {
      squares += r ** 2;
      fourths += r ** 4;
    }
    const variance = squares / count;
    const stepCandles = stepSeconds / candleSeconds;
    // Summing k returns thins the tails: by k if they were independent, by less since wild minutes come together.
    const excess = Math.max(0, fourths / count / variance ** 2 - 3) / Math.sqrt(stepCandles);

    const wild = wildShare(1 + excess / 3);
    const calmScale = Math.sqrt((variance * stepCandles) / (1 + wild * (ratio ** 2 - 1)));
    const step = mixture([
      [1 - wild, normal(0, calmScale)],
      [wild, normal(0, ratio * calmScale)],
    ]);
    return Array.from({ length: horizonSeconds / stepSeconds }, () => step);
  }
}

/**
 * Share p of wild steps for a kurtosis of 3·`relative`: (1 + p(r⁴−1)) / (1 + p(r²−1))² = relative. Beyond
 * the share at which that is largest (p = 0.1 for r = 3) no mixture has so fat tails: that share is the answer.
 */
function wildShare(relative: number): number {
  const a = ratio ** 2 - 1;
  const b = ratio ** 4 - 1;
  const most = (b - 2 * a) / (a * b);
  // relative·a²·p² + (2·relative·a − b)·p + (relative − 1) = 0, the smaller root
  const half = b / 2 - relative * a;
  const root = half ** 2 - relative * a ** 2 * (relative - 1);
  return root <= 0 || half <= 0 ? most : Math.min(most, (half - Math.sqrt(root)) / (relative * a ** 2));
}
