// What a model answers with: one density for each step, as plain JSON in the density specification. These
// builders only spell it; whether it is a valid forecast is decided where it is scored.

/** A forecast distribution in the density specification. */
export type DensitySpecification =
  | {
      readonly type: 'builtin';
      /** For example `norm`, `t`, `laplace`. */
      readonly name: string;
      readonly params: Readonly<Record<string, number>>;
    }
  | {
      readonly type: 'mixture';
      readonly components: readonly { readonly density: DensitySpecification; readonly weight: number }[];
    };

/** The normal distribution with mean `loc` and standard deviation `scale` > 0. */
export function normal(loc: number, scale: number): DensitySpecification {
  return { type: 'builtin', name: 'norm', params: { loc, scale } };
}

/**
 * Student's t with `df` > 0 degrees of freedom, centre `loc` and scale `scale` > 0. Its standard deviation
 * is `scale`·√(df/(df − 2)) for df > 2.
 */
export function studentT(df: number, loc: number, scale: number): DensitySpecification {
  return { type: 'builtin', name: 't', params: { df, loc, scale } };
}

/** The Laplace distribution with centre `loc` and scale `scale` > 0. Its standard deviation is `scale`·√2. */
export function laplace(loc: number, scale: number): DensitySpecification {
  return { type: 'builtin', name: 'laplace', params: { loc, scale } };
}

/** A mixture: `[weight, density]` pairs, weights ≥ 0 that sum to 1. Mixtures may hold mixtures, three deep. */
export function mixture(
  components: readonly (readonly [weight: number, density: DensitySpecification])[],
): DensitySpecification {
  return { type: 'mixture', components: components.map(([weight, density]) => ({ density, weight })) };
}
