// One game's exact rule beside another game's own: what the ranks would be, had the same answers been judged by it.

import type { Forecast, Game, ShadowRule } from '../domain/game.ts';
import { asProbability, type Density } from './density.ts';

/** What `asShadowRule` needs of a game. Any game with an exact rule has it. */
export type JudgingPart = Pick<Game, 'score' | 'points'> & { readonly rule: Omit<Game['rule'], 'kind'> };

/**
 * The exact rule of `game` as a shadow rule, under its name and version, with its points for a missing answer. The
 * rule beside which it stands may accept more than `game` would: an answer that `game` refuses (a density whose
 * weights are no probabilities, a scale below its `minScale`) scores NaN and so is missing under this rule alone;
 * what has no CRPS makes `score` throw, which comes to the same.
 */
export function asShadowRule({ rule, score, points }: JudgingPart): ShadowRule {
  const { name, version, direction, note, missingPoints, minScale = 0 } = rule;
  return {
    name,
    version,
    ...(direction === undefined ? {} : { direction }),
    ...(note === undefined ? {} : { note }),
    missingPoints,
    points,
    score(forecast, outcome, context) {
      const exact = exactForecast(forecast, minScale);
      return exact === null ? Number.NaN : score(exact, outcome, context);
    },
  };
}

/** The forecast with every density a probability law, or null when some density is none. */
function exactForecast({ steps }: Forecast, minScale: number): Forecast | null {
  const exact: Forecast['steps'][number][] = [];
  for (const { stepSeconds, densities } of steps) {
    const laws: Density[] = [];
    for (const density of densities) {
      const passed = asProbability(density);
      if (!passed.ok || !passed.density.leaves.every(({ scale }) => scale >= minScale)) return null;
      laws.push(passed.density);
    }
    exact.push({ stepSeconds, densities: laws });
  }
  return { steps: exact };
}
