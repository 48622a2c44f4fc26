// Settlement: the moment a round meets realized prices.

/** A round with its settled outcome, as score writes it. */
export type Settlement =
  | {
      readonly roundId: string;
      readonly state: 'settled';
      /** `pricedAt` of the witness: the instant the outcome was complete. Market time, from data alone. */
      readonly settledAt: number;
      readonly source: string;
      readonly baselineScore: number;
      /** P at startedAt and at resolvableAt (nearest within tolerance); null where that end is not scored. */
      readonly priceAtStart: number | null;
      readonly priceAtEnd: number | null;
      /** `pricedAt` of the first and last price used. */
      readonly firstPricedAt: number;
      readonly lastPricedAt: number;
    }
  | {
      readonly roundId: string;
      readonly state: 'void';
      readonly settledAt: number;
      /** A sentence, for example `No price of XAU within 90 s of 2025-06-01T12:00:00Z after 7200 s of patience`. */
      readonly reason: string;
      /** True when the fault is ours (interrupted, stalled, operator). */
      readonly ours: boolean;
    };

/** One prediction's value under one rule. */
export interface Score {
  readonly roundId: string;
  readonly modelId: string;
  readonly ruleName: string;
  readonly ruleVersion: number;
  /** Null when the answer was missing. */
  readonly score: number | null;
  readonly points: number;
  /** False when the answer was missing and `points` are the rule's missing points. */
  readonly answered: boolean;
  /** Why the points are what they are. Null under shadow rules. */
  readonly diagnostics: Diagnostics | null;
}

/**
 * What says why an answer scored as it did, over its scored steps. Everything but `hourPoints` asks whether
 * forecasts were calibrated, whatever the rule; it is null where a density is no probability law, which
 * compatible rules accept, where densities have too many components to ask at leisure, and for a missing answer,
 * whose points are spread evenly over the scored steps.
 */
export interface Diagnostics {
  /** The points by the UTC hour in which their steps were realized, in order, without gaps (float32 when stored). */
  readonly hourPoints: readonly number[];
  /** The first of these hours: its number since the epoch (unix seconds / 3600, rounded down). */
  readonly firstHour: number;
  readonly calibration: Calibration | null;
}

export interface Calibration {
  /** Scored steps. */
  readonly steps: number;
  /** How many steps' PIT u = F(y) fell into each twentieth of [0, 1]; 20 numbers. */
  readonly pitCounts: readonly number[];
  /** How many outcomes lay in the central interval of 50, 80 and 95 %. */
  readonly covered: readonly [fifty: number, eighty: number, ninetyFive: number];
  /** Means over the steps, in units of the outcome; together they are the mean exact CRPS. */
  readonly dispersion: number;
  readonly overPrediction: number;
  readonly underPrediction: number;
}
