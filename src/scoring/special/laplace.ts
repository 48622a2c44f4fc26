// The standard Laplace law, density ½e^{−|z|}.

export function laplacePdf(z: number): number {
  return 0.5 * Math.exp(-Math.abs(z));
}

export function laplaceCdf(z: number): number {
  return z < 0 ? 0.5 * Math.exp(z) : 1 - 0.5 * Math.exp(-z);
}

/** CRPS at z: |z| + e^{−|z|} − ¾. Jordan, Krüger & Lerch 2019, App. A. */
export function laplaceCrps(z: number): number {
  const distance = Math.abs(z);
  return distance + Math.exp(-distance) - 0.75;
}
