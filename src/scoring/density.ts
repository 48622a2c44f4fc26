// A compiled density: a flat list of weighted leaves. `compileDensity` is the one place that decides
// whether a specification is a forecast.

/** One component. `weight` multiplies it; for a lone density it is 1. */
export interface Leaf {
  readonly weight: number;
  readonly name: 'norm' | 't' | 'laplace';
  readonly loc: number;
  readonly scale: number;
  /** Degrees of freedom, for `t`; NaN elsewhere. */
  readonly shape: number;
}

export interface Density {
  readonly leaves: readonly Leaf[];
}
