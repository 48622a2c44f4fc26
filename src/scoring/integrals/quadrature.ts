// Adaptive Gauss–Kronrod 7–15 over a list of intervals, as QUADPACK does it (Piessens et al. 1983).

/** One interval of an integral; `part` tells the integrand which of its formulas holds there. */
export interface Panel {
  readonly part: number;
  readonly from: number;
  readonly to: number;
}

interface Estimate extends Panel {
  readonly value: number;
  readonly error: number;
}

const evaluationsMaxDefault = 15_000; // 1,000 panels; smooth integrands need a dozen
const evaluationsEach = 15;

/**
 * Σ over the panels of ∫ integrand(part, x) dx, bisecting the worst panel until the estimated error is below
 * `relative`, or until the integrand was evaluated `evaluationsMax` times; every panel is evaluated at least once.
 */
export function integrate(
  panels: readonly Panel[],
  integrand: (part: number, x: number) => number,
  relative: number,
  evaluationsMax: number = evaluationsMaxDefault,
): number {
  const estimates = panels.map((panel) => estimate(panel, integrand));
  for (let evaluations = evaluationsEach * panels.length; ; evaluations += 2 * evaluationsEach) {
    let value = 0;
    let error = 0;
    let worst = 0;
    for (const [i, panel] of estimates.entries()) {
      value += panel.value;
      error += panel.error;
      if (panel.error > (estimates[worst] as Estimate).error) worst = i;
    }
    if (!(error > relative * Math.abs(value)) || evaluations >= evaluationsMax) return value;
    const { part, from, to } = estimates[worst] as Estimate;
    const middle = 0.5 * (from + to);
    estimates[worst] = estimate({ part, from, to: middle }, integrand);
    estimates.push(estimate({ part, from: middle, to }, integrand));
  }
}

// Abscissae and weights of the 15-point Kronrod rule, and the weights of the 7-point Gauss rule at its odd ones.
const nodes = [
  0.9914553711208126, 0.9491079123427585, 0.8648644233597691, 0.7415311855993945, 0.5860872354676911,
  0.4058451513773972, 0.20778495500789848,
];
const kronrod = [
  0.022935322010529224, 0.06309209262997856, 0.10479001032225019, 0.14065325971552592, 0.1690047266392679,
  0.19035057806478542, 0.20443294007529889,
];
const kronrodCentre = 0.20948214108472782;
const gauss = [0.1294849661688697, 0.27970539148927664, 0.3818300505051189];
const gaussCentre = 0.4179591836734694;

function estimate({ part, from, to }: Panel, integrand: (part: number, x: number) => number): Estimate {
  const centre = 0.5 * (from + to);
  const half = 0.5 * (to - from);
  const middle = integrand(part, centre);
  let fine = middle * kronrodCentre;
  let coarse = middle * gaussCentre;
  const values = new Float64Array(14);
  for (let i = 0; i < 7; i++) {
    const offset = half * (nodes[i] as number);
    const left = integrand(part, centre - offset);
    const right = integrand(part, centre + offset);
    values[2 * i] = left;
    values[2 * i + 1] = right;
    fine += (kronrod[i] as number) * (left + right);
    if (i % 2 === 1) coarse += (gauss[(i - 1) / 2] as number) * (left + right);
  }
  const mean = fine / 2;
  let spread = kronrodCentre * Math.abs(middle - mean);
  for (let i = 0; i < 7; i++) {
    const left = Math.abs((values[2 * i] as number) - mean);
    spread += (kronrod[i] as number) * (left + Math.abs((values[2 * i + 1] as number) - mean));
  }
  // The plain difference is the error of the coarse rule; QUADPACK's power makes it the fine one's.
  const difference = Math.abs(fine - coarse);
  const error = spread > 0 ? spread * Math.min(1, ((200 * difference) / spread) ** 1.5) : 0;
  return { part, from, to, value: fine * half, error: error * Math.abs(half) };
}
