// The random walk with the volatility of the last three days: every step is normal, its standard deviation
// that of one candle times the root of the time. The forecast to beat.

import { Model, normal } from 'condor-coordinator';

/** A minute of a quiet market, believed as firmly as ten observed candles. Keeps the scale above 0 without prices. */
const prior = { minuteVolatility: 5e-4, candles: 10 };

export default class RandomWalk extends Model {
  override predict(asset: string, horizonSeconds: number, stepSeconds: number) {
    const candleSeconds = Math.min(60, stepSeconds);
    const returns = this.prices.logReturns(asset, 3 * 1440 * candleSeconds, candleSeconds);

    let squares = prior.candles * prior.minuteVolatility ** 2 * (candleSeconds / 60);
    for (const r of returns) squares += r * r;
    const volatility = Math.sqrt(squares / (prior.candles + returns.length));

    const step = normal(0, volatility * Math.sqrt(stepSeconds / candleSeconds));
    return Array.from({ length: horizonSeconds / stepSeconds }, () => step);
  }
}
