// From the bytes of an answer to a forecast, or to the reason why it is none. Total: whatever a model
// sends, the outcome is a value.

import type { Forecast } from '../domain/game.ts';
import type { Answer } from '../domain/prediction.ts';
import { parseAnswerJson } from './answer-json.ts';
import {
  asProbability,
  compileDensity,
  type Density,
  type DensityLimits,
  type Leaf,
  leavesMaxDefault,
  needsQuadrature,
  shown,
} from './density.ts';

/** What a round asks for, and what its rule can score. */
export interface ForecastLimits {
  readonly horizonSeconds: number;
  /** One step size: the answer is a list. Several: an object keyed by step. */
  readonly stepsSeconds: readonly number[];
  /**
   * What densities the rule takes. `exact` (the default): probability laws with a scale of at least `minScale`
   * whose CRPS exists. `compatible`: whatever is well formed, weights as they are.
   */
  readonly kind?: 'exact' | 'compatible';
  /** Smallest scale of a component, under an exact rule. Default: any > 0. */
  readonly minScale?: number;
  /**
   * Largest |loc| and scale, under an exact rule. Default 1e100: far beyond any price, and no score or sum of
   * scores overflows.
   */
  readonly magnitudeMax?: number;
  /** Most components of one density after flattening. Default 64. */
  readonly leavesMax?: number;
  /** Longest answer, bytes, where that is less than 16 KiB a density (and than 1 MiB, if they are few). */
  readonly bytesMax?: number;
}

export type ReadForecast =
  | { readonly ok: true; readonly forecast: Forecast }
  | { readonly ok: false; readonly reason: string };

const magnitudeMaxDefault = 1e100;
// 64 components of 256 bytes, when a component takes 110. What is longer is no forecast, and as a list of empty
// objects it would take twenty times its length in memory.
const bytesMaxPerDensity = 16 * 1024;
const bytesAlwaysTaken = 1024 * 1024;

/**
 * The forecast in `answer`: JSON, exactly horizon/step densities for each step size; under an exact rule every
 * density a probability law (`asProbability`) that has a CRPS. Never throws; `reason` names the path, such as
 * `[17].params.scale: must be > 0, is 0` or, with several step sizes, `["300"][17].params.scale: …`.
 */
export function readForecast(answer: Answer, limits: ForecastLimits): ReadForecast {
  const bytesMax = bytesMaxOf(limits);
  if (answer.type !== 'json') return refused(`the answer must be of wire type json, is ${answer.type}`);
  if (answer.bytes.length > bytesMax) {
    return refused(`the answer must have at most ${bytesMax} bytes, has ${answer.bytes.length}`);
  }
  const parsed = parseAnswerJson(answer.bytes);
  if (!parsed.ok) return refused(`the answer ${parsed.reason}`);
  return forecastOf(parsed.value, limits);
}

function bytesMaxOf({ horizonSeconds, stepsSeconds, bytesMax = Number.POSITIVE_INFINITY }: ForecastLimits): number {
  const densities = stepsSeconds.reduce((sum, stepSeconds) => sum + densityCount(horizonSeconds, stepSeconds), 0);
  return Math.min(bytesMax, Math.max(bytesAlwaysTaken, bytesMaxPerDensity * densities));
}

function densityCount(horizonSeconds: number, stepSeconds: number): number {
  return Math.round(horizonSeconds / stepSeconds);
}

function forecastOf(value: unknown, limits: ForecastLimits): ReadForecast {
  const { stepsSeconds } = limits;
  const single = stepsSeconds.length === 1;
  if (!single && (typeof value !== 'object' || value === null || Array.isArray(value))) {
    return refused(`the answer must be an object with the keys ${stepsSeconds.join(', ')}, is ${shown(value)}`);
  }
  const steps: Forecast['steps'][number][] = [];
  const work: Work = { leaves: 0, quadratureLeaves: 0 };
  for (const stepSeconds of stepsSeconds) {
    const list = single ? value : (value as Readonly<Record<string, unknown>>)[stepSeconds]; // an object, see above
    const path = single ? '' : `["${stepSeconds}"]`;
    const densities = readStep(list, path, stepSeconds, limits, work);
    if (typeof densities === 'string') return refused(densities);
    steps.push({ stepSeconds, densities });
  }
  return { ok: true, forecast: { steps } };
}

/** The densities of one step size, or the reason. */
function readStep(
  list: unknown,
  path: string,
  stepSeconds: number,
  limits: ForecastLimits,
  work: Work,
): Density[] | string {
  const count = densityCount(limits.horizonSeconds, stepSeconds);
  const subject = path === '' ? 'the answer' : `${path}:`;
  const wanted = `must be a list of ${count} densities (one every ${stepSeconds} s)`;
  if (!Array.isArray(list)) return `${subject} ${wanted}, is ${shown(list)}`;
  if (list.length !== count) return `${subject} ${wanted}, has ${list.length}`;
  const densityLimits = densityLimitsOf(limits);
  const densities: Density[] = [];
  for (let i = 0; i < count; i++) {
    const compiled = compileDensity(list[i], densityLimits);
    const passed = compiled.ok && limits.kind !== 'compatible' ? asProbability(compiled.density) : compiled;
    if (!passed.ok) return located(`${path}[${i}]`, passed.reason);
    const excess = workAdded(work, passed.density.leaves, limits);
    if (excess !== null) return `${path}[${i}]: ${excess}`;
    densities.push(passed.density);
  }
  return densities;
}

// What all densities of an answer may add up to, so that none takes more than about 2 s to score. A compatible rule
// takes 256 densities of every part, at 0.1 to 0.8 µs each; 8,192 parts are 25 a step of a day. An exact rule takes
// up to 12,000 tails for a mixture that it integrates, at 0.1 to 1 µs each; 1,200 parts are four a step.
// (Mixtures of Student t laws with these take 0.5 µs where proportions repeat; made to be slow, 2,500 parts take 1.4 s.)
const leavesTotalMax = 8192;
const quadratureLeavesTotalMax = 1200;

interface Work {
  leaves: number;
  quadratureLeaves: number;
}

/** Adds a density to the work; what is wrong when that makes it too much. */
function workAdded(work: Work, leaves: readonly Leaf[], { kind }: ForecastLimits): string | null {
  work.leaves += leaves.length;
  if (work.leaves > leavesTotalMax) return `the densities up to here must have at most ${leavesTotalMax} parts in all`;
  if (kind === 'compatible' || !needsQuadrature(leaves)) return null;
  work.quadratureLeaves += leaves.length;
  if (work.quadratureLeaves <= quadratureLeavesTotalMax) return null;
  const wanted = `at most ${quadratureLeavesTotalMax} parts in all in mixtures of other than normal and Laplace laws`;
  return `the densities up to here must have ${wanted}`;
}

function densityLimitsOf(limits: ForecastLimits): DensityLimits {
  const { kind = 'exact', minScale = 0, magnitudeMax = magnitudeMaxDefault, leavesMax = leavesMaxDefault } = limits;
  return kind === 'compatible' ? { leavesMax } : { leavesMax, minScale, magnitudeMax, needsCrps: true };
}

/** `params.scale: …` of density 17 is `[17].params.scale: …`; of the density as a whole, `[17]: …`. */
function located(path: string, reason: string): string {
  return reason.startsWith('density ') ? `${path}: ${reason.slice('density '.length)}` : `${path}.${reason}`;
}

function refused(reason: string): ReadForecast {
  return { ok: false, reason };
}
