// From the bytes of an answer to a forecast, or to the reason why it is none. Total: whatever a model
// sends, the outcome is a value.

import type { Forecast } from '../domain/game.ts';
import type { Answer } from '../domain/prediction.ts';
import { parseAnswerJson } from './answer-json.ts';
import { asProbability, compileDensity, type Density, type DensityLimits, shown } from './density.ts';

/** What a round asks for, and what its rule can score. */
export interface ForecastLimits {
  readonly horizonSeconds: number;
  /** One step size: the answer is a list. Several: an object keyed by step. */
  readonly stepsSeconds: readonly number[];
  /** What kind of rule scores it: `exact` (the default) needs probability laws that have a CRPS. */
  readonly kind?: 'exact' | 'compatible';
  /** Smallest scale of a component. */
  readonly minScale: number;
  /** Largest |loc| and scale. Default 1e100: far beyond any price, and no score or sum of scores overflows. */
  readonly magnitudeMax?: number;
  /** Most components of one density after flattening. Default 64. */
  readonly leavesMax?: number;
  /** Longest answer, bytes. Default 64 MiB, the transport's. */
  readonly bytesMax?: number;
}

export type ReadForecast =
  | { readonly ok: true; readonly forecast: Forecast }
  | { readonly ok: false; readonly reason: string };

const magnitudeMaxDefault = 1e100;
const bytesMaxDefault = 64 * 1024 * 1024;

/**
 * The forecast in `answer`: JSON, exactly horizon/step densities for each step size, every density a
 * probability law (`asProbability`) that has a CRPS. Never throws; `reason` names the path, such as
 * `[17].params.scale: must be > 0, is 0` or, with several step sizes, `["300"][17].params.scale: …`.
 */
export function readForecast(answer: Answer, limits: ForecastLimits): ReadForecast {
  const { bytesMax = bytesMaxDefault } = limits;
  if (answer.type !== 'json') return refused(`the answer must be of wire type json, is ${answer.type}`);
  if (answer.bytes.length > bytesMax) {
    return refused(`the answer must have at most ${bytesMax} bytes, has ${answer.bytes.length}`);
  }
  const parsed = parseAnswerJson(answer.bytes);
  if (!parsed.ok) return refused(`the answer ${parsed.reason}`);
  return forecastOf(parsed.value, limits);
}

function forecastOf(value: unknown, limits: ForecastLimits): ReadForecast {
  const { stepsSeconds } = limits;
  const single = stepsSeconds.length === 1;
  if (!single && (typeof value !== 'object' || value === null || Array.isArray(value))) {
    return refused(`the answer must be an object with the keys ${stepsSeconds.join(', ')}, is ${shown(value)}`);
  }
  const steps: Forecast['steps'][number][] = [];
  for (const stepSeconds of stepsSeconds) {
    const list = single ? value : (value as Readonly<Record<string, unknown>>)[stepSeconds]; // an object, see above
    const path = single ? '' : `["${stepSeconds}"]`;
    const densities = readStep(list, path, stepSeconds, limits);
    if (typeof densities === 'string') return refused(densities);
    steps.push({ stepSeconds, densities });
  }
  return { ok: true, forecast: { steps } };
}

/** The densities of one step size, or the reason. */
function readStep(list: unknown, path: string, stepSeconds: number, limits: ForecastLimits): Density[] | string {
  const count = Math.round(limits.horizonSeconds / stepSeconds);
  const subject = path === '' ? 'the answer' : `${path}:`;
  const wanted = `must be a list of ${count} densities (one every ${stepSeconds} s)`;
  if (!Array.isArray(list)) return `${subject} ${wanted}, is ${shown(list)}`;
  if (list.length !== count) return `${subject} ${wanted}, has ${list.length}`;
  const densityLimits = densityLimitsOf(limits);
  const densities: Density[] = [];
  for (let i = 0; i < count; i++) {
    const compiled = compileDensity(list[i], densityLimits);
    const passed = compiled.ok ? asProbability(compiled.density) : compiled;
    if (!passed.ok) return located(`${path}[${i}]`, passed.reason);
    densities.push(passed.density);
  }
  return densities;
}

function densityLimitsOf({ minScale, magnitudeMax = magnitudeMaxDefault, leavesMax }: ForecastLimits): DensityLimits {
  return { minScale, magnitudeMax, needsCrps: true, ...(leavesMax === undefined ? {} : { leavesMax }) };
}

/** `params.scale: …` of density 17 is `[17].params.scale: …`; of the density as a whole, `[17]: …`. */
function located(path: string, reason: string): string {
  return reason.startsWith('density ') ? `${path}: ${reason.slice('density '.length)}` : `${path}.${reason}`;
}

function refused(reason: string): ReadForecast {
  return { ok: false, reason };
}
