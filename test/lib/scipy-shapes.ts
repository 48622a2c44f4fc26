// Random parameters for every family: most of them ordinary, some near the edges of their domain.

/** Uniform on [0, 1). */
export type Random = () => number;

type Draw = (random: Random) => readonly number[];

/** Log-uniform between `low` and `high`. */
function spread(low: number, high: number): (random: Random) => number {
  return (random) => low * (high / low) ** random();
}

const ordinary = spread(0.2, 20);
const wide = spread(0.02, 200);
const none: Draw = () => [];
const one: Draw = (random) => [wide(random)];
const two: Draw = (random) => [ordinary(random), ordinary(random)];
const either = (random: Random) => (random() < 0.5 ? -1 : 1) * spread(0.01, 3)(random);

/** In scipy's order. The 15 builtins first. */
export const shapesOf: Readonly<Record<string, Draw>> = {
  norm: none,
  lognorm: (random) => [spread(0.05, 5)(random)],
  expon: none,
  t: one,
  weibull_min: one,
  weibull_max: one,
  gamma: one,
  beta: two,
  chi: one,
  chi2: one,
  rayleigh: none,
  pareto: one,
  cauchy: none,
  laplace: none,
  f: two,
  logistic: none,
  uniform: none,
  gumbel_l: none,
  gumbel_r: none,
  halfnorm: none,
  maxwell: none,
  erlang: (random) => [Math.ceil(30 * random())],
  lomax: one,
  loglaplace: one,
  fisk: one,
  burr: two,
  burr12: two,
  betaprime: two,
  invgamma: one,
  invweibull: one,
  levy: none,
  levy_l: none,
  genextreme: (random) => [random() < 0.05 ? 0 : either(random)],
  genpareto: (random) => [random() < 0.05 ? 0 : either(random)],
  genlogistic: one,
  gennorm: (random) => [spread(0.1, 20)(random)],
  johnsonsu: (random) => [either(random), ordinary(random)],
  johnsonsb: (random) => [either(random), ordinary(random)],
  skewnorm: (random) => [random() < 0.05 ? 0 : 4 * either(random)],
  exponnorm: one,
  laplace_asymmetric: (random) => [spread(0.05, 20)(random)],
  hypsecant: none,
  semicircular: none,
  cosine: none,
  arcsine: none,
  triang: (random) => [random() < 0.1 ? Math.round(random()) : random()],
  trapezoid: (random) => [random(), random()].sort((a, b) => a - b),
  truncnorm: (random) => {
    const a = 12 * (random() - 0.5);
    return [a, a + spread(0.01, 20)(random)];
  },
  truncexpon: one,
  loguniform: (random) => {
    const a = wide(random);
    return [a, a * (1 + wide(random))];
  },
  powerlaw: one,
  powernorm: one,
  nakagami: one,
  gengamma: (random) => [ordinary(random), (random() < 0.5 ? -1 : 1) * spread(0.3, 6)(random)],
  dgamma: one,
  dweibull: one,
  exponpow: (random) => [spread(0.1, 20)(random)],
  exponweib: two,
  foldnorm: (random) => [random() < 0.1 ? 0 : 10 * random()],
  foldcauchy: (random) => [random() < 0.1 ? 0 : wide(random)],
  halfcauchy: none,
  halflogistic: none,
  invgauss: (random) => [spread(0.01, 100)(random)],
  wald: none,
  moyal: none,
  gompertz: one,
  kappa3: one,
  kappa4: (random) => [random() < 0.1 ? 0 : either(random), random() < 0.1 ? 0 : either(random)],
  rdist: one,
  pearson3: (random) => [random() < 0.05 ? 0 : either(random)],
  loggamma: one,
  alpha: (random) => [spread(0.05, 10)(random)],
  argus: (random) => [spread(0.05, 20)(random)],
  bradford: one,
  anglit: none,
  crystalball: (random) => [spread(0.1, 5)(random), 1 + spread(0.05, 20)(random)],
  mielke: two,
  skewcauchy: (random) => [2 * random() - 1],
  fatiguelife: (random) => [spread(0.05, 10)(random)],
  genexpon: (random) => [ordinary(random), ordinary(random), ordinary(random)],
  genhalflogistic: (random) => [spread(0.05, 5)(random)],
  gibrat: none,
  gilbrat: none,
  halfgennorm: (random) => [spread(0.1, 20)(random)],
  powerlognorm: (random) => [ordinary(random), spread(0.1, 3)(random)],
  recipinvgauss: (random) => [spread(0.05, 50)(random)],
  truncpareto: (random) => [ordinary(random), 1 + wide(random)],
  truncweibull_min: (random) => {
    const a = random() < 0.1 ? 0 : spread(0.05, 2)(random);
    return [spread(0.3, 4)(random), a, a + spread(0.05, 3)(random)];
  },
  wrapcauchy: (random) => [0.02 + 0.96 * random()],
  reciprocal: (random) => {
    const a = wide(random);
    return [a, a * (1 + wide(random))];
  },
};
