// Under which game a round is settled. A round carries the version it was started under; a game is changed
// while rounds are open, so a worker meets rounds of versions other than its own.

import type { Calendar } from '../domain/calendar.ts';
import type { Competition } from '../domain/clock.ts';
import type { Game, Json, Question, ShadowRule } from '../domain/game.ts';
import type { Round } from '../domain/round.ts';
import type { Log } from '../lib/log.ts';

/** The game as this worker has it. */
export interface OwnGame {
  readonly game: Game;
  /** Identity of its data part. */
  readonly gameVersion: string;
}

/** Under which game each round is settled. */
export interface GameVersions {
  readonly own: OwnGame;
  /**
   * The game `round` was started under: its data as predict stored it, with this worker's functions. Null
   * when this worker has another rule or another version of it, or when the data is nowhere to be found.
   */
  gameOf(round: Round): Promise<Game | null>;
  /**
   * The question of `round` as it was asked, under this worker's rules instead of those it was scored with: for
   * those who score history again. Null when the data is nowhere to be found.
   */
  underOwnRules(round: Round): Promise<Game | null>;
}

/** `read` gives the data part of a game by its identity. Rejects when the database is away. */
export function createGameVersions(own: OwnGame, read: (gameVersion: string) => Promise<Json | null>): GameVersions {
  const known = new Map<string, Game>([[own.gameVersion, own.game]]);
  const dataOf = async (gameVersion: string): Promise<Game | null> => {
    const game = known.get(gameVersion);
    if (game !== undefined) return game;
    const data = await read(gameVersion);
    if (data === null) return null;
    // Predict stored what its defineGame had checked; what is missing from it are the functions.
    const stored = data as Partial<Game>;
    const earlier: Game = { ...own.game, ...stored, shadowRules: shadowRulesOf(own.game, stored) };
    known.set(gameVersion, earlier);
    return earlier;
  };
  return {
    own,
    async gameOf({ gameVersion, ruleName, ruleVersion }) {
      const { rule } = own.game;
      return ruleName === rule.name && ruleVersion === rule.version ? await dataOf(gameVersion) : null;
    },
    async underOwnRules({ gameVersion }) {
      const asked = await dataOf(gameVersion);
      const { rule, shadowRules, change } = own.game; // a rule says what change it scores
      return asked && { ...asked, rule, shadowRules, change };
    },
  };
}

/** The stored shadow rules that this worker has the functions of: those of the same name and version. */
function shadowRulesOf(own: Game, { shadowRules = [] }: Partial<Game>): readonly ShadowRule[] {
  return shadowRules.flatMap((rule) => {
    const same = own.shadowRules.find(({ name, version }) => name === rule.name && version === rule.version);
    return same ? [{ ...same, ...rule }] : []; // functions are no part of what is stored
  });
}

const alarmEverySeconds = 60;

/** Says, once a minute, which rounds wait for a worker that has their version. */
export function createVersionAlarm(log: Log, { game, gameVersion }: OwnGame, wall: () => number) {
  let saidAt = Number.NEGATIVE_INFINITY;
  return (refused: readonly Round[]): void => {
    const [first] = refused;
    if (first === undefined || wall() - saidAt < alarmEverySeconds) return;
    saidAt = wall();
    log.error(
      {
        rounds: refused.length,
        first: first.roundId,
        wanted: { gameVersion: first.gameVersion, rule: `${first.ruleName} ${first.ruleVersion}` },
        present: { gameVersion, rule: `${game.rule.name} ${game.rule.version}` },
      },
      'rounds wait for a score worker that has their game version',
    );
  };
}

/** Says once for each shadow rule that rounds have no scores under it, and why. */
export function createShadowAlarm(log: Log) {
  const said = new Set<string>();
  return ({ name, version }: ShadowRule, reason: string, roundId: string): void => {
    const rule = `${name} ${version}`;
    if (said.has(rule)) return;
    said.add(rule);
    log.warn({ rule, round: roundId, reason }, 'a shadow rule could not be computed: rounds have no scores under it');
  };
}

export function calendarOf(game: Game, competition: Competition, symbol: string): Calendar | undefined {
  if (competition.alwaysOpen.includes(symbol)) return undefined;
  return game.assets.find((asset) => asset.symbol === symbol)?.calendar;
}

/** What a round asked, as its models and its baseline saw it. */
export function questionOf(game: Game, round: Round): Question {
  const profile = game.profiles.find(({ name }) => name === round.profile);
  if (profile === undefined) throw new Error(`Cannot score round "${round.roundId}": the game has no such profile`);
  const { asset, startedAt } = round;
  return { asset, startedAt, horizonSeconds: profile.horizonSeconds, stepsSeconds: profile.stepsSeconds };
}
