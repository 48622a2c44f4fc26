// Student's t: markets jump more often than the normal distribution allows. The degrees of freedom come
// from the excess kurtosis of the returns, the scale from their variance.

import { Model, studentT } from 'condor-coordinator';

/** A minute of a quiet market, believed as firmly as ten observed candles. Keeps the scale above 0 without prices. */
const prior = { minuteVolatility: 5e-4, candles: 10 };

export default class StudentT extends Model {
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
    const candleExcess = Math.max(0, fourths / count / variance ** 2 - 3);

    // Summing k returns thins the tails: by k if they were independent, by less since wild minutes come together.
    const stepCandles = stepSeconds / candleSeconds;
    const excess = candleExcess / Math.sqrt(stepCandles);
    const df = Math.min(30, 4 + 6 / Math.max(excess, 0.1)); // kurtosis of t: 3 + 6/(df − 4)
    const deviation = Math.sqrt(variance * stepCandles);
    const step = studentT(df, 0, deviation * Math.sqrt((df - 2) / df));
    return Array.from({ length: horizonSeconds / stepSeconds }, () => step);
  }
}
