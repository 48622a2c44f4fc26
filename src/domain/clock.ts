// Market time as the workers share it. Predict owns it; score decides by this row and by data only.

export type ClockMode = 'live' | 'warmup' | 'replay' | 'ended';

export interface MarketClock {
  /** Market now, unix seconds. All prices with pricedAt ≤ now that predict has are in the database. */
  readonly now: number;
  /** Times real time; Infinity for replay as fast as possible. 1 when live. */
  readonly speed: number;
  /** `ended`: a bounded replay has run out; nothing more will come. */
  readonly mode: ClockMode;
  /** The first instant of this competition's market time. Boards start here. */
  readonly startedAt: number;
}

/** What a database is written for: one competition, one world. */
export interface Competition {
  readonly game: string;
  /** Where prices come from: `live:binance`, `simulated:SEED`, `replay:HASH`. */
  readonly world: string;
  readonly seed: number;
  /** Board interval in force, seconds: the game's unless the operator asked for another. */
  readonly boardEverySeconds: number;
  /** Symbols whose calendar a feed has replaced by "always open" (binance serves XAU as PAXG). */
  readonly alwaysOpen: readonly string[];
}
