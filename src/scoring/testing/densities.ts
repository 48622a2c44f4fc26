// Densities for tests, of any family.

import { asProbability, type Density, type Leaf } from '../density.ts';
import { families } from '../families.ts';
import type { Family } from '../law.ts';

export function leafOf(name: string, loc: number, scale: number, ...shapes: number[]): Leaf {
  const family = families.get(name);
  if (family === undefined) throw new RangeError(`Cannot make a leaf: there is no family "${name}"`);
  return { weight: 1, name, law: family.law(shapes), loc, scale, shapes };
}

/** Σ weight·leaf, passed by `asProbability`. */
export function mixtureOf(...parts: readonly (readonly [weight: number, leaf: Leaf])[]): Density {
  const passed = asProbability({ leaves: parts.map(([weight, leaf]) => ({ ...leaf, weight })) });
  if (!passed.ok) throw new RangeError(passed.reason);
  return passed.density;
}

export function lone(...of: Parameters<typeof leafOf>): Density {
  return mixtureOf([1, leafOf(...of)]);
}

/** The law of stretch·X + shift. */
export function movedBy(density: Density, shift: number, stretch: number): Density {
  const leaves = density.leaves.map((leaf) => ({
    ...leaf,
    loc: leaf.loc * stretch + shift,
    scale: leaf.scale * stretch,
  }));
  return { ...density, leaves };
}

// Tried in turn from a place that `choice` gives: tails from p = 1.3 up where a shape is one.
const shapeValues = [2.5, 3.7, 1.3, 5.1, 0.8, 0.45, 12, -0.7, 1, 0.25, -1.9];

/** Shapes that the family accepts, different for different `choice` ≥ 0; null when none of a few dozen tried is. */
export function shapesFor(family: Family, choice: number): number[] | null {
  for (let attempt = choice; attempt < choice + 40; attempt++) {
    const shapes: number[] = [];
    for (const [i, { accepts }] of family.shapes.entries()) {
      const turned = shapeValues.map(
        (_, k) => shapeValues[(k + attempt + i * (1 + (attempt % 3))) % shapeValues.length],
      );
      const value = turned.find((candidate) => candidate !== undefined && accepts(candidate));
      if (value !== undefined) shapes.push(value);
    }
    if (shapes.length === family.shapes.length && (family.conflict?.(shapes) ?? null) === null) return shapes;
  }
  return null;
}
