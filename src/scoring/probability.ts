// What exact rules start from: a density that is a probability law, or a clear refusal.

import { asProbability, type Density } from './density.ts';

/**
 * `density` as `asProbability` passes it; itself when it has passed before.
 * @throws RangeError when it refuses. `action` completes the message: `Cannot compute WIS: …`.
 */
export function probabilityFor(action: string, density: Density): Density {
  if (density.isProbability === true) return density;
  const passed = asProbability(density);
  if (!passed.ok) throw new RangeError(`Cannot ${action}: ${passed.reason}`);
  return passed.density;
}
