// What a family of laws is, and one law of it, in standard form: loc 0, scale 1. A leaf of a density is a law
// moved by loc and stretched by scale.

/** One law. Its constants are worked out once, when a density is compiled. */
export interface Law {
  /** Density at z; Infinity at a pole, 0 outside the support. */
  pdf(z: number): number;
  /** ln of the density, where that is at hand also below the smallest double; −Infinity outside the support. */
  logPdf?(z: number): number;
  /** P(X ≤ z), relatively accurate where it is small. */
  cdf(z: number): number;
  /** P(X > z), relatively accurate where it is small. */
  upper(z: number): number;
  /** The support. */
  readonly from: number;
  readonly to: number;
  /** p of a tail that falls like |z|^−p; Infinity when it falls faster than every power, or ends. */
  readonly leftTail: number;
  readonly rightTail: number;
  /**
   * Where quadrature is cut, ascending and finite: they hold the bulk between them, and beyond the outermost
   * only a power tail counts. Between neighbours no tail may fall within a hundredth of their distance: all 15
   * points of a rule would miss it, and the estimate of the error with them. Finite ends of the support, and 0,
   * are cut points anyway.
   */
  readonly cuts: readonly number[];
  /** CRPS at z where a closed form is at hand. */
  crps?(z: number): number;
  /** ln P(X > z), or ln P(X < −z), of a power tail by its leading term, for ln z where z itself may overflow. */
  logLeftTail?(logZ: number): number;
  logRightTail?(logZ: number): number;
}

/** A parameter beside loc and scale. */
export interface Shape {
  readonly name: string;
  /** Whether a finite number lies in its domain. */
  accepts(value: number): boolean;
  /** The domain in words, such as `> 0`. */
  readonly wanted: string;
  /** What it is where a specification leaves it out; without this it must be there. */
  readonly fallback?: number;
}

export interface Family {
  /** In scipy's order. */
  readonly shapes: readonly Shape[];
  /** What is wrong with shapes that are each in their domain: which, and what it must be. */
  conflict?(shapes: readonly number[]): { readonly name: string; readonly wanted: string } | null;
  law(shapes: readonly number[]): Law;
}

/** A shape that must be > 0. */
export function positive(name: string): Shape {
  return { name, accepts: (value) => value > 0, wanted: '> 0' };
}

/** The law of −X. */
export function reflected(law: Law): Law {
  const { crps, logPdf, logLeftTail, logRightTail } = law;
  let cuts: readonly number[] | undefined;
  return {
    pdf: (z) => law.pdf(-z),
    cdf: (z) => law.upper(-z),
    upper: (z) => law.cdf(-z),
    from: -law.to,
    to: -law.from,
    leftTail: law.rightTail,
    rightTail: law.leftTail,
    get cuts(): readonly number[] {
      cuts ??= law.cuts.map((cut) => -cut).reverse();
      return cuts;
    },
    ...(logPdf && { logPdf: (z: number) => logPdf(-z) }),
    ...(crps && { crps: (z: number) => crps(-z) }),
    ...(logRightTail && { logLeftTail: logRightTail }),
    ...(logLeftTail && { logRightTail: logLeftTail }),
  };
}

/** A family that keeps its last law: models keep to one shape, and a law's constants cost more than a score. */
export function remembering(family: Family): Family {
  if (family.shapes.length === 0) return family; // has one law
  let last: Law | null = null;
  let lastShapes: readonly number[] = [];
  const law = (shapes: readonly number[]) => {
    if (last !== null && areEqual(shapes, lastShapes)) return last;
    last = family.law(shapes);
    lastShapes = shapes;
    return last;
  };
  return { ...family, law };
}

function areEqual(a: readonly number[], b: readonly number[]): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
