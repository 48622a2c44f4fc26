// A price: one number for one asset at one instant. Feeds convert at the edge, so that everything
// inside speaks of `pricedAt`, the END of the candle (open + candleSeconds): when the price became known.

/** One price. Instants in Condor are unix seconds; `pricedAt` is a whole number of them. */
export interface Price {
  readonly asset: string;
  /** End of the candle this price closed, unix seconds. */
  readonly pricedAt: number;
  /** Finite and > 0. */
  readonly price: number;
  /** Which feed said so, for example `binance`, `simulated`, `replay`. */
  readonly source: string;
}
