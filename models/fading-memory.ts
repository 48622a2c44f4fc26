// Exponentially weighted volatility: what happened lately counts most. Storms pass, so along the horizon
// the forecast returns from the latest volatility to that of the last three days.

import { Model, normal } from 'condor-coordinator';

/** A minute of a quiet market, believed as firmly as ten observed candles. Keeps the scale above 0 without prices. */
const prior = { minuteVolatility: 5e-4, candles: 10 };

/** Candles after which an observation, or a deviation from the usual, counts half. */
const halfLife = { observation: 90, deviation: 240 };

export default class FadingMemory extends Model {
  override predict(asset: string, horizonSeconds: number, stepSeconds: number) {
    const candleSeconds = Math.min(60, stepSeconds);
    const returns = this.prices.logReturns(asset, 3 * 1440 * candleSeconds, candleSeconds);

    const quiet = prior.minuteVolatility ** 2 * (candleSeconds / 60);
    const decay = 0.5 ** (1 / halfLife.observation);
    let squares = prior.candles * quiet;
    let faded = prior.candles * quiet;
    let weights = prior.candles;
    for (const r of returns) {
      squares += r * r;
      faded = faded * decay + r * r;
      weights = weights * decay + 1;
    }
    const usual = squares / (prior.candles + returns.length);
    const latest = faded / weights;

    const stepCandles = stepSeconds / candleSeconds;
    return Array.from({ length: horizonSeconds / stepSeconds }, (_, k) => {
      const remains = 0.5 ** (((k + 0.5) * stepCandles) / halfLife.deviation);
      return normal(0, Math.sqrt((usual + (latest - usual) * remains) * stepCandles));
    });
  }
}
