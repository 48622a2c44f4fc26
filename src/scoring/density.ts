// A compiled density: a flat list of weighted leaves. `compileDensity` is the one place that decides
// whether a specification is a forecast; every refusal names the path and what was found there.

import { bareNaN } from './answer-json.ts';
import { families } from './families.ts';
import { isEnergyClosed } from './integrals/mean-distance.ts';
import type { Family, Law } from './law.ts';
import { familyNamed, type SpecType } from './names.ts';

/** One component. `weight` multiplies it; for a lone density it is 1. */
export interface Leaf {
  readonly weight: number;
  /** As scipy calls the family. */
  readonly name: string;
  /** In standard form. */
  readonly law: Law;
  readonly loc: number;
  readonly scale: number;
  /** What the family takes beside loc and scale, in scipy's order. */
  readonly shapes: readonly number[];
}

/** A mixture of leaves, as `compileDensity` makes it; a lone law is a mixture of one. */
export interface Density {
  readonly leaves: readonly Leaf[];
  /** True once `asProbability` has passed it: weights ≥ 0 that sum to 1. */
  readonly isProbability?: boolean;
  /** Path and value of a negative weight in the specification: two of them multiply to a harmless leaf. */
  readonly negativeWeight?: string;
}

/** A density, or in words why there is none: never thrown, as it is a stranger's. */
export type Compiled =
  | { readonly ok: true; readonly density: Density }
  | { readonly ok: false; readonly reason: string };

/** What a rule asks of a density beyond being one. */
export interface DensityLimits {
  /** Most leaves after flattening. Default 64: ten times what models send, and cheap to score. */
  readonly leavesMax?: number;
  /** Smallest scale. Default: any > 0. */
  readonly minScale?: number;
  /** Largest |loc| and scale. Default: any finite number. */
  readonly magnitudeMax?: number;
  /**
   * Whether its CRPS on the whole line must exist, and be cheap: tails that fall like |z|^−p with p > ½, and
   * at most 8 leaves, with shapes of at most 1e6, where one is no normal or Laplace law. Default false.
   */
  readonly needsCrps?: boolean;
}

/** Mixtures inside one another, the outermost included (the reference's limit: a leaf may be at depth 3). */
export const mixturesDeepMax = 3;
export const leavesMaxDefault = 64;
// Other mixtures than those of normal and Laplace laws are scored by quadrature, whose cost grows with the square of
// the leaves: 0.1 ms with 2, 1–2 ms with 8, 50 ms with 64, times 288 steps. Within 8, crps-quadrature.ts bounds it.
// (With Student t laws in them they take 0.5 µs where proportions repeat; a stranger's may need the quadrature.)
const quadratureLeavesMax = 8;
// Incomplete beta functions of larger shapes take ten times as long, and such a law is a spike or a normal one.
const quadratureShapeMax = 1e6;

/**
 * A density specification (spec/scoring.md 1) as a flat list of leaves, weights multiplied down the
 * mixtures and taken as they are: negative or not summing to 1 is for `asProbability` to refuse. The
 * wrapped form `{"step", "prediction"}` is unwrapped. Extra keys, and extra parameters of a builtin, are
 * ignored. Never throws: `reason` names path, wanted and present, such as
 * `components[1].density.params.scale: must be > 0, is -3`.
 */
export function compileDensity(spec: unknown, limits: DensityLimits = {}): Compiled {
  const wrapped = isRecord(spec) && spec.type === undefined && spec.prediction !== undefined;
  const compilation: Compilation = { leaves: [], limits, negativeWeight: undefined };
  const fault = compile(wrapped ? spec.prediction : spec, 1, 0, compilation);
  if (fault !== null) {
    const path = wrapped ? joined('prediction', fault.path) : fault.path;
    return { ok: false, reason: path === '' ? `density ${fault.problem}` : `${path}: ${fault.problem}` };
  }
  const { leaves, negativeWeight } = compilation;
  const problem = limits.needsCrps === true ? quadratureProblem(leaves) : null;
  if (problem !== null) return { ok: false, reason: problem };
  return { ok: true, density: negativeWeight === undefined ? { leaves } : { leaves, negativeWeight } };
}

/** Why a mixture would take too long to integrate; null when it is a leaf, has a closed form, or is small. */
function quadratureProblem(leaves: readonly Leaf[]): string | null {
  if (!needsQuadrature(leaves)) return null;
  if (leaves.length > quadratureLeavesMax) {
    const wanted = `must have at most ${quadratureLeavesMax} parts when one of them is no normal or Laplace law`;
    return `density ${wanted}, has ${leaves.length}`;
  }
  const extreme = leaves.find(({ shapes }) => shapes.some((shape) => Math.abs(shape) > quadratureShapeMax));
  if (extreme === undefined) return null;
  const wanted = `must have shapes of at most ${quadratureShapeMax} when it is a mixture of such laws`;
  return `density ${wanted}, has ${shownShapes(extreme)}`;
}

/** Whether its CRPS may take an integral: a mixture with a part whose mean distance to others has no closed form. */
export function needsQuadrature(leaves: readonly Leaf[]): boolean {
  return leaves.length > 1 && !leaves.every(isEnergyClosed);
}

interface Compilation {
  readonly leaves: Leaf[];
  readonly limits: DensityLimits;
  negativeWeight: string | undefined;
}

/** Paths grow on the way out, so that a sound density never builds one. */
interface Fault {
  readonly path: string;
  readonly problem: string;
}

function compile(spec: unknown, weight: number, depth: number, compilation: Compilation): Fault | null {
  if (!isRecord(spec)) return { path: '', problem: `must be an object with a type, is ${shown(spec)}` };
  switch (spec.type) {
    case 'mixture':
      return compileMixture(spec, weight, depth, compilation);
    case 'builtin':
    case 'scipy':
    case 'statistics':
      return compileLeaf(spec.type, spec, weight, compilation);
    default:
      return {
        path: 'type',
        problem: `must be "builtin", "scipy", "statistics" or "mixture", is ${shown(spec.type)}`,
      };
  }
}

function compileMixture(spec: SpecRecord, weight: number, depth: number, compilation: Compilation): Fault | null {
  const leavesMax = compilation.limits.leavesMax ?? leavesMaxDefault;
  if (depth >= mixturesDeepMax) {
    return { path: 'type', problem: `at most ${mixturesDeepMax} mixtures may lie inside one another` };
  }
  const { components } = spec;
  if (!Array.isArray(components) || components.length === 0) {
    return { path: 'components', problem: `must be a list with at least one component, is ${shown(components)}` };
  }
  if (components.length > leavesMax) {
    return { path: 'components', problem: `must hold at most ${leavesMax} components, holds ${components.length}` };
  }
  for (let i = 0; i < components.length; i++) {
    const fault = compileComponent(components[i], weight, depth, compilation);
    if (fault !== null) return { path: joined(`components[${i}]`, fault.path), problem: fault.problem };
  }
  return null;
}

function compileComponent(component: unknown, weight: number, depth: number, compilation: Compilation): Fault | null {
  if (!isRecord(component)) return { path: '', problem: `must be an object, is ${shown(component)}` };
  const own = component.weight;
  if (!isNumber(own)) return { path: 'weight', problem: `must be a finite number, is ${shown(own)}` };
  if (own < 0) compilation.negativeWeight ??= shown(own);
  const fault = compile(component.density, weight * own, depth + 1, compilation);
  return fault === null ? null : { path: joined('density', fault.path), problem: fault.problem };
}

const statisticsNames: Readonly<Record<string, readonly string[]>> = { loc: ['mu', 'loc'], scale: ['sigma', 'scale'] };

function compileLeaf(type: SpecType, spec: SpecRecord, weight: number, compilation: Compilation): Fault | null {
  const { leaves, limits } = compilation;
  const named = familyNamed(type, spec.name);
  if (typeof named === 'string') return { path: 'name', problem: named };
  const { name, family } = named;
  const { params } = spec;
  if (!isRecord(params)) return { path: 'params', problem: `must be an object, is ${shown(params)}` };
  if (type !== 'builtin') {
    const stranger = unknownParameter(type, params, family);
    if (stranger !== null) return stranger;
  }
  const isBuiltin = type === 'builtin';
  const locKey = type === 'statistics' && params.mu !== undefined ? 'mu' : 'loc';
  const scaleKey = type === 'statistics' && params.sigma !== undefined ? 'sigma' : 'scale';
  const loc = !isBuiltin && params[locKey] === undefined ? 0 : params[locKey];
  const scale = !isBuiltin && params[scaleKey] === undefined ? 1 : params[scaleKey];
  if (!isNumber(loc)) return parameterFault(locKey, 'must be a finite number', loc);
  if (!isNumber(scale)) return parameterFault(scaleKey, 'must be a finite number', scale);
  if (scale <= 0) return parameterFault(scaleKey, 'must be > 0', scale);
  const shapes = readShapes(params, family);
  if (!Array.isArray(shapes)) return shapes as Fault;
  const leaf: Leaf = { weight, name, law: family.law(shapes), loc, scale, shapes };
  const fault = beyondLimits(leaf, locKey, scaleKey, limits);
  if (fault !== null) return fault;
  const leavesMax = limits.leavesMax ?? leavesMaxDefault;
  if (leaves.length >= leavesMax)
    return { path: '', problem: `is one too many: a density has at most ${leavesMax} parts` };
  leaves.push(leaf);
  return null;
}

const noShapes: readonly number[] = [];

function readShapes(params: SpecRecord, family: Family): readonly number[] | Fault {
  if (family.shapes.length === 0) return noShapes;
  const shapes: number[] = [];
  for (const { name, accepts, wanted, fallback } of family.shapes) {
    const value = params[name] === undefined ? fallback : params[name];
    if (!isNumber(value)) return parameterFault(name, 'must be a finite number', value);
    if (!accepts(value)) return parameterFault(name, `must be ${wanted}`, value);
    shapes.push(value);
  }
  const conflict = family.conflict?.(shapes) ?? null;
  return conflict === null
    ? shapes
    : parameterFault(conflict.name, `must be ${conflict.wanted}`, params[conflict.name]);
}

/** What an exact rule cannot score. */
function beyondLimits(
  leaf: Leaf,
  locKey: string,
  scaleKey: string,
  { minScale = 0, magnitudeMax = Number.POSITIVE_INFINITY, needsCrps = false }: DensityLimits,
): Fault | null {
  if (leaf.scale < minScale) return parameterFault(scaleKey, `must be ≥ ${minScale}`, leaf.scale);
  if (leaf.scale > magnitudeMax) return parameterFault(scaleKey, `must be ≤ ${magnitudeMax}`, leaf.scale);
  if (Math.abs(leaf.loc) > magnitudeMax) {
    return parameterFault(locKey, `must be between -${magnitudeMax} and ${magnitudeMax}`, leaf.loc);
  }
  if (needsCrps && !(Math.min(leaf.law.leftTail, leaf.law.rightTail) > 0.5)) {
    const wanted = 'must give tails that fall faster than |x|^-0.5 (with heavier ones the CRPS is infinite)';
    return { path: 'params', problem: `${wanted}, has ${shownShapes(leaf)}` };
  }
  return null;
}

function shownShapes({ name, shapes }: Leaf): string {
  const names = families.get(name)?.shapes ?? [];
  return names.map((shape, i) => `${shape.name} ${shapes[i]}`).join(', ');
}

function unknownParameter(type: SpecType, params: SpecRecord, { shapes }: Family): Fault | null {
  const known =
    type === 'statistics' ? Object.values(statisticsNames).flat() : [...shapes.map(({ name }) => name), 'loc', 'scale'];
  const stranger = Object.keys(params).find((key) => !known.includes(key));
  if (stranger === undefined) return null;
  return { path: 'params', problem: `must hold only ${known.join(', ')}, has ${shown(stranger)}` };
}

function parameterFault(key: string, wanted: string, present: unknown): Fault {
  return { path: `params.${key}`, problem: `${wanted}, is ${shown(present)}` };
}

/** How far weights may be from summing to 1: three honest thirds arrive as 0.999999 when rounded to 6 digits. */
const weightSumTolerance = 1e-5;
const sumRounding = 1e-12; // 1.00001 − 1 is 6.6e-17 more than 1e-5

/**
 * The density as a probability law, which exact rules need: refused when a weight is negative or the sum is further
 * than 1e-5 from 1, otherwise divided by the sum. Leaves of weight 0 are dropped. Where there is nothing to divide or
 * drop it keeps its list of leaves, by which a score that took an integral is found again.
 */
export function asProbability(density: Density): Compiled {
  if (density.isProbability === true) return { ok: true, density };
  const { leaves, negativeWeight } = density;
  let sum = 0;
  let hasIdle = false;
  for (const { weight } of leaves) {
    if (!(weight >= 0)) return { ok: false, reason: `weights: must be ≥ 0, one is ${negativeWeight ?? shown(weight)}` };
    if (weight === 0) hasIdle = true;
    sum += weight;
  }
  if (negativeWeight !== undefined) return { ok: false, reason: `weights: must be ≥ 0, one is ${negativeWeight}` };
  if (!(Math.abs(sum - 1) <= weightSumTolerance + sumRounding)) {
    return { ok: false, reason: `weights: must sum to 1 within ${weightSumTolerance}, sum to ${shown(sum)}` };
  }
  // 0.1 + 0.2 + 0.7 is 1 but for the rounding of the sum.
  const isWhole = !hasIdle && Math.abs(sum - 1) <= leaves.length * Number.EPSILON;
  return { ok: true, density: { leaves: isWhole ? leaves : normalized(leaves, sum), isProbability: true } };
}

const normalizedLeaves = new WeakMap<readonly Leaf[], readonly Leaf[]>();

/** One list for all who ask where a score takes an integral. */
function normalized(leaves: readonly Leaf[], sum: number): readonly Leaf[] {
  const isShared = needsQuadrature(leaves);
  const known = isShared ? normalizedLeaves.get(leaves) : undefined;
  if (known !== undefined) return known;
  const kept = leaves.filter(({ weight }) => weight > 0).map((leaf) => ({ ...leaf, weight: leaf.weight / sum }));
  if (isShared) normalizedLeaves.set(leaves, kept);
  return kept;
}

type SpecRecord = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is SpecRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function joined(head: string, tail: string): string {
  if (tail === '') return head;
  return tail.startsWith('[') ? head + tail : `${head}.${tail}`;
}

/** A stranger's value in a few printable characters. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  if (typeof value !== 'string') return String(value);
  if (value === bareNaN) return 'NaN';
  const text = value.slice(0, 20).replace(/[^ -~]/g, '?');
  return value.length > 20 ? `"${text}…"` : `"${text}"`;
}
