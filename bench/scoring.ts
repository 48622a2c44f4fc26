// Our rules and the reference implementation of the two compatible ones, in turns within one run, on the same
// bytes, with the scores compared; and our exact CRPS beside our fastest grid.
//
//   npm run bench -- scoring [mean-density|crps-grid|scipy|exact|answer …]   (default: all)

import { cpus } from 'node:os';
import { crps } from '../src/scoring/crps.ts';
import type { Density } from '../src/scoring/density.ts';
import { python } from '../test/lib/python.ts';
import { machine } from './lib/figures.ts';
import { printAnswerCost, printAnswerCostHead } from './scoring/answer-cost.ts';
import { compareOwn, compareWithReference, printHead } from './scoring/compare.ts';
import { type Reference, startReference } from './scoring/reference.ts';
import { crpsGridWork, meanDensityWork, shapes, type Work } from './scoring/works.ts';

const parts: Readonly<Record<string, (reference: () => Promise<Reference>) => Promise<number>>> = {
  'mean-density': async (reference) => {
    const works = ['norm ×1', 'norm ×3'].map(meanDensityWork);
    return await compareAll(works, { alone: 12, parsing: 3 }, await reference());
  },
  'crps-grid': async (reference) => {
    const works = ['norm ×1', 'norm ×3'].map((shape) => crpsGridWork(shape));
    const missed = await compareAll(works, { alone: 200, parsing: 90 }, await reference());
    const mixed = [crpsGridWork('norm + t + laplace')];
    return missed + (await compareAll(mixed, { alone: 60, parsing: 50 }, await reference()));
  },
  // One integral of such a density takes the reference 0.15 s: four of them, on one step size.
  scipy: async (reference) => {
    const names = Object.keys(shapes).filter((shape) => shape.startsWith('scipy'));
    const works = names.map((shape) => crpsGridWork(shape, [6 * 3600]));
    return await compareAll(works, { alone: 500, parsing: 500 }, await reference());
  },
  exact: async () => {
    printHead('grid');
    return ['norm ×1', 'norm ×3'].filter((shape) => !compareExact(shape, crpsGridWork(shape))).length;
  },
  answer: async () => {
    printAnswerCostHead();
    for (const shape of ['norm ×1', 'norm ×3', 'norm + t + laplace']) {
      printAnswerCost(shape, crpsGridWork(shape), 317);
    }
    return 0;
  },
};

async function main(): Promise<void> {
  const chosen = process.argv.slice(2);
  const unknown = chosen.find((name) => !(name in parts));
  if (unknown !== undefined) {
    throw new Error(`Cannot run part "${unknown}": there are ${Object.keys(parts).join(', ')}`);
  }
  console.log(machine(cpus().length, cpus()[0]?.model ?? ''));
  const started: Promise<Reference>[] = []; // one at most: when the first part asks for it
  const start = () => {
    if (started.length === 0) started.push(prepareReference());
    return started[0] as Promise<Reference>;
  };
  let missed = 0;
  for (const [name, part] of Object.entries(parts)) {
    if (chosen.length === 0 || chosen.includes(name)) missed += await part(start);
  }
  await (await started[0])?.stop();
  console.log(missed === 0 ? '\nall targets met' : `\n${missed} targets missed`);
}

async function prepareReference(): Promise<Reference> {
  const found = await python();
  if (found.path === null) throw new Error(found.missing);
  const reference = await startReference(found.path);
  const versions = Object.entries(reference.versions).map(([name, version]) => `${name} ${version}`);
  console.log(`reference: ${versions.join(', ')}\n`);
  printHead('reference');
  return reference;
}

/** How many targets were missed. */
async function compareAll(
  works: readonly Work[],
  targets: { readonly alone: number; readonly parsing: number },
  reference: Reference,
): Promise<number> {
  let missed = 0;
  for (const work of works) {
    await reference.prepare(work);
    if (!(await compareWithReference(work, { parsing: false, atLeast: targets.alone }, reference))) missed++;
    if (!(await compareWithReference(work, { parsing: true, atLeast: targets.parsing }, reference))) missed++;
  }
  return missed;
}

function compareExact(shape: string, work: Work): boolean {
  const forecast = work.read();
  const changes = work.x as Readonly<Record<string, readonly number[]>>; // several step sizes
  const exact = () => {
    let sum = 0;
    for (const { stepSeconds, densities } of forecast.steps) {
      const x = changes[stepSeconds] as readonly number[];
      for (let i = 0; i < densities.length; i++) sum += crps(densities[i] as Density, x[i] as number);
    }
    return sum;
  };
  return compareOwn(`exact crps ${shape}`, exact, () => work.score(forecast), 3);
}

await main();
