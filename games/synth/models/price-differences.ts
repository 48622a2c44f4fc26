// From condor's way of being asked to synth's: the example models forecast log-returns, one step size a call; synth
// asks for price differences, all step sizes in one call.

import type { DensitySpecification, Model } from 'condor-coordinator';

/** What synth calls: step in seconds → `horizonSeconds / step` densities of P(t) − P(t − step). */
export interface SynthModel extends Model {
  predict_all(
    asset: string,
    horizonSeconds: number,
    stepsSeconds: readonly number[],
  ): Promise<Record<string, readonly DensitySpecification[]>>;
}

/** A model whose `predict` is there, not abstract. */
type Forecaster = Model & Pick<Model, 'predict'>;

/**
 * `Base`, able to answer synth. A log-return r over a step moves a price P by P·(e^r − 1), which for a day's step is
 * P·r within a few per cent, and closer for shorter ones; P is the latest price, since no step has one of its own yet.
 */
export function inPriceDifferences(Base: new () => Forecaster): new () => SynthModel {
  return class extends Base {
    async predict_all(asset: string, horizonSeconds: number, stepsSeconds: readonly number[]) {
      const last = this.prices.last(asset);
      if (last === null) throw new Error(`Cannot forecast "${asset}": there is no price yet`);
      const steps: Record<string, readonly DensitySpecification[]> = {};
      for (const stepSeconds of stepsSeconds) {
        const logReturns = await this.predict(asset, horizonSeconds, stepSeconds);
        steps[stepSeconds] = logReturns.map((density) => stretched(density, last.price));
      }
      return steps;
    }
  };
}

/** The density of `factor` times the variable. */
function stretched(density: DensitySpecification, factor: number): DensitySpecification {
  if (density.type === 'mixture') {
    const components = density.components.map(({ density: part, weight }) => ({
      density: stretched(part, factor),
      weight,
    }));
    return { ...density, components };
  }
  const { loc = 0, scale = 1, ...shapes } = density.params;
  return { ...density, params: { ...shapes, loc: loc * factor, scale: scale * factor } };
}
