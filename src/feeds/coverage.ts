// Which candles of one asset have been handed out: everything up to one instant, and some beyond it. What
// lies between is a hole to fill.

export interface Coverage {
  /** Every candle up to here has been handed out, or is known not to exist. */
  readonly knownUntil: number;
  /** Whether candles beyond `knownUntil` have been handed out already. */
  readonly hasHole: boolean;
  /** True once for each candle later than where coverage began. */
  take(pricedAt: number): boolean;
  /** The exchange's own list ended with `pricedAt`: what is missing before it does not exist. */
  confirmUntil(pricedAt: number): void;
}

const beyondMax = 10_000; // a week of minutes: a hole that could not be filled for so long is given up

export function createCoverage(from: number, candleSeconds: number): Coverage {
  const beyond = new Set<number>();
  let knownUntil = from;

  function advance(to: number): void {
    knownUntil = Math.max(knownUntil, to);
    for (const pricedAt of beyond) if (pricedAt <= knownUntil) beyond.delete(pricedAt);
    while (beyond.delete(knownUntil + candleSeconds)) knownUntil += candleSeconds;
  }

  return {
    get knownUntil() {
      return knownUntil;
    },
    get hasHole() {
      return beyond.size > 0;
    },
    take(pricedAt) {
      if (pricedAt <= knownUntil || beyond.has(pricedAt)) return false;
      beyond.add(pricedAt);
      advance(beyond.size > beyondMax ? Math.min(...beyond) : knownUntil);
      return true;
    },
    confirmUntil: advance,
  };
}
