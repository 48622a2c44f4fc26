// What a synth answer is worth among the others of its round. The existing game describes this in words and keeps its
// code private: this is our reading.

/**
 * Points of a round's valid raw scores (lower is better), same order: best = 1, worst 5 % = 0, the others between.
 * points = clip((p95 − x) / (p95 − min), 0, 1) with p95 the 95th percentile: at index 0.95·(n − 1) of the ascending
 * scores, linear between two. Where p95 = min (one answer, all equal, nearly all clones) the quotient says nothing: a
 * score equal to min gets 1, a worse one 0. Never NaN for finite scores. Each answer's points depend on the others':
 * that is the rule, and why it is improper. Source: spec/scoring.md 3.
 */
export function relativePoints(scores: readonly number[]): readonly number[] {
  const ascending = Float64Array.from(scores).sort();
  const min = ascending[0] as number; // undefined without scores, and then nobody asks
  const p95 = percentile95(ascending);
  return scores.map((score) => {
    if (p95 <= min) return score <= min ? 1 : 0;
    return Math.min(1, Math.max(0, (p95 - score) / (p95 - min)));
  });
}

function percentile95(ascending: Float64Array): number {
  const index = 0.95 * (ascending.length - 1);
  const below = ascending[Math.floor(index)] as number;
  const above = ascending[Math.ceil(index)] as number;
  return below + (above - below) * (index - Math.floor(index));
}
