// What is scored: answers as models send them (Python's JSON, all digits of every number), what happened, and
// how a game scores one.

import type { Forecast } from '../../src/domain/game.ts';
import { crpsGrid } from '../../src/scoring/crps-grid.ts';
import type { Density } from '../../src/scoring/density.ts';
import { readForecast } from '../../src/scoring/forecast.ts';
import { meanDensity } from '../../src/scoring/mean-density.ts';
import { seededRandom } from '../../test/lib/seeded.ts';

export interface Work {
  readonly id: string;
  readonly rule: 'meanDensity' | 'crpsGrid';
  readonly asset: 'BTC';
  readonly answer: Uint8Array;
  /** Realized changes: a list where the answer is one, else one for each step size. */
  readonly x: readonly number[] | Readonly<Record<string, readonly number[]>>;
  read(bytes?: Uint8Array): Forecast;
  score(forecast: Forecast): number;
}

/** From 0 to 1, the same every time. */
export type Random = () => number;

type MakeSpec = (random: Random, sigma: number) => unknown;

const leaf = (type: string, name: string, shapes?: (random: Random) => Record<string, number>): MakeSpec => {
  return (random, sigma) => {
    const params = { ...shapes?.(random), loc: 0.2 * sigma * (random() - 0.5), scale: sigma * (0.7 + 0.6 * random()) };
    return { type, name, params };
  };
};
const mixture = (...parts: readonly MakeSpec[]): MakeSpec => {
  return (random, sigma) => {
    const drawn = parts.map(() => 0.2 + random());
    const sum = drawn.reduce((a, b) => a + b);
    const components = parts.map((make, i) => ({
      density: make(random, sigma * (1 + i / 2)),
      weight: Number(((drawn[i] as number) / sum).toPrecision(6)), // as the public client library rounds
    }));
    return { type: 'mixture', components };
  };
};
const norm = leaf('builtin', 'norm');
const df = (random: Random) => ({ df: 3 + 4 * random() });

export const shapes: Readonly<Record<string, MakeSpec>> = {
  'norm ×1': norm,
  'norm ×3': mixture(norm, norm, norm),
  'norm + t + laplace': mixture(norm, leaf('builtin', 't', df), leaf('builtin', 'laplace')),
  'scipy norm': leaf('scipy', 'norm'),
  'scipy t': leaf('scipy', 't', df),
  'scipy laplace': leaf('scipy', 'laplace'),
  'scipy gamma': leaf('scipy', 'gamma', (random) => ({ a: 2 + random() })),
  'scipy logistic': leaf('scipy', 'logistic'),
  'scipy skewnorm': leaf('scipy', 'skewnorm', (random) => ({ a: 4 * random() - 2 })),
  'scipy johnsonsu': leaf('scipy', 'johnsonsu', (random) => ({ a: random() - 0.5, b: 1 + random() })),
  'scipy gennorm': leaf('scipy', 'gennorm', (random) => ({ beta: 1 + random() })),
};

const day = 86_400;
const base = 300;
const halfWidth = 1500; // USD, BTC's bound in the original's constants
const points = 256;

/** condor-classic's 24 h: 288 densities of log-returns. */
export function meanDensityWork(shape: string): Work {
  const random = generator(shape);
  const count = day / base;
  const specs = Array.from({ length: count }, () => (shapes[shape] as MakeSpec)(random, 0.001));
  const x = Float64Array.from({ length: count }, () => 0.003 * (random() - 0.5));
  const answer = Buffer.from(pythonJson(specs));
  return {
    id: `meanDensity ${shape}`,
    rule: 'meanDensity',
    asset: 'BTC',
    answer,
    x: [...x],
    read: (bytes = answer) => readWork(bytes, [base]),
    score: ({ steps }) => meanDensity(steps[0]?.densities ?? [], x),
  };
}

/** synth's 24 h: 317 densities of price changes on four step sizes, or on those given. */
export function crpsGridWork(shape: string, stepsSeconds: readonly number[] = [base, 3600, 6 * 3600, day]): Work {
  const random = generator(shape);
  const specs: Record<string, unknown[]> = {};
  const x: Record<string, number[]> = {};
  const grids = stepsSeconds.map((step) => {
    const stretch = Math.sqrt(step / base);
    specs[step] = Array.from({ length: day / step }, () => (shapes[shape] as MakeSpec)(random, 90 * stretch));
    x[step] = Array.from({ length: day / step }, () => 300 * stretch * (random() - 0.5));
    return { min: -stretch * halfWidth, max: stretch * halfWidth, points };
  });
  const answer = Buffer.from(pythonJson(stepsSeconds.length === 1 ? specs[stepsSeconds[0] as number] : specs));
  return {
    id: `crpsGrid ${shape}`,
    rule: 'crpsGrid',
    asset: 'BTC',
    answer,
    x,
    read: (bytes = answer) => readWork(bytes, stepsSeconds),
    score({ steps }) {
      let sum = 0;
      for (let j = 0; j < steps.length; j++) {
        const { stepSeconds, densities } = steps[j] as Forecast['steps'][number];
        const changes = x[stepSeconds] as number[];
        const grid = grids[j] as (typeof grids)[number];
        for (let i = 0; i < densities.length; i++) {
          sum += crpsGrid(densities[i] as Density, changes[i] as number, grid);
        }
      }
      return sum / halfWidth;
    },
  };
}

function readWork(bytes: Uint8Array, stepsSeconds: readonly number[]): Forecast {
  const limits = { kind: 'compatible' as const, horizonSeconds: day, stepsSeconds, minScale: Number.MIN_VALUE };
  const read = readForecast({ type: 'json', bytes }, limits);
  if (!read.ok) throw new Error(`Cannot read the bench's own answer: ${read.reason}`);
  return read.forecast;
}

/** As `json.dumps` writes: a space after each comma and colon. */
function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, part]) => `${JSON.stringify(key)}: ${pythonJson(part)}`)
    .join(', ')}}`;
}

/** The same numbers for the same name. */
function generator(name: string): Random {
  return seededRandom([...name].reduce((seed, letter) => (seed * 31 + letter.charCodeAt(0)) | 0, 1));
}
