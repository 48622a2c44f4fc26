// CRPS of a law known by samples only.

/**
 * The fair estimate of CRPS(F, y) from independent samples x of F: (1/N)·Σ|xᵢ − y| − ΣΣ|xᵢ − xⱼ| / (2N(N − 1)). Lower is
 * better, in units of y; unbiased, so it can be below 0 (dividing by N² instead is too high by E|X − X'|/2N). Source:
 * Ferro, Q. J. R. Meteorol. Soc. 140, 2014; spec/scoring.md 4.3. O(N log N). NaN when y is NaN, Infinity when y is
 * infinite. `samples` is left as it is.
 * @throws RangeError when there are fewer than two samples, or one is not finite.
 */
export function ensembleCrps(samples: ArrayLike<number>, y: number): number {
  const n = samples.length;
  if (n < 2) throw new RangeError(`Cannot compute an ensemble's CRPS: needs at least 2 samples, has ${n}`);
  const sorted = Float64Array.from(samples).sort();
  if (!Number.isFinite(sorted[0]) || !Number.isFinite(sorted[n - 1])) {
    throw new RangeError("Cannot compute an ensemble's CRPS: samples must be finite numbers, one is not");
  }
  if (!Number.isFinite(y)) return Math.abs(y);
  let distance = 0;
  let pairs = 0; // Σ over gaps between neighbours of the pairs that each separates
  for (let i = 0; i < n; i++) {
    const x = sorted[i] as number;
    distance += Math.abs(x - y);
    if (i > 0) pairs += i * (n - i) * (x - (sorted[i - 1] as number));
  }
  return distance / n - pairs / n / (n - 1);
}
