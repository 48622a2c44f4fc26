// Checks a game once, at load, and fills in its defaults. Every complaint names the field, what is there
// and what should be; an author gets all of them at once.

import { checkAssets, checkProfiles, checkRule, checkShadowRules, checkWindows } from './check-game.ts';
import {
  type Complain,
  checkFunctions,
  checkKeys,
  checkText,
  type Fields,
  isFields,
  isNumber,
  isWhole,
  shown,
  symbolsOf,
} from './complaint.ts';
import type { Game, GameDefinition } from './game.ts';

const defaults = {
  toleranceCandles: 1.5,
  patienceSeconds: 7200,
  graceSeconds: 86_400,
  historySeconds: 30 * 86_400,
  contextSeconds: 86_400,
  snapshotEverySeconds: 900,
  answerMaxBytes: 1024 * 1024,
  shadowRules: [],
  overall: 'available',
} as const;

const mebibyte = 1024 * 1024;

/**
 * The game that `definition` says, defaults filled in, its data frozen.
 * @throws Error listing every complaint, one a line.
 */
export function defineGame(definition: GameDefinition): Game {
  const complaints = complaintsAbout(definition);
  if (complaints.length > 0) {
    throw new Error(
      `Cannot define game ${shown(definition?.name)}:\n${complaints.map((line) => `- ${line}`).join('\n')}`,
    );
  }
  const symbols = definition.assets.map(({ symbol }) => symbol);
  // A field that is there and undefined is as good as absent.
  const present = Object.fromEntries(Object.entries(definition).filter(([, value]) => value !== undefined));
  return deepFreeze({
    ...defaults,
    ...(present as unknown as GameDefinition), // the same object, less its undefined fields
    assets: definition.assets.map((asset) => ({ weight: 1, ...asset })),
    profiles: definition.profiles.map((profile) => ({ assets: symbols, ...profile })),
  });
}

/** What is wrong with a definition; empty when nothing is. */
function complaintsAbout(definition: unknown): readonly string[] {
  const complaints: string[] = [];
  const complain: Complain = (path, wanted, present) =>
    complaints.push(`${path}: must be ${wanted}, is ${shown(present)}`);
  if (!isFields(definition)) {
    complain('definition', 'an object', definition);
    return complaints;
  }
  checkKeys('', definition, gameKeys, complain);
  checkText('name', definition.name, /^[a-z0-9-]{1,32}$/, '1 to 32 lower-case letters, digits or hyphens', complain);
  checkText('crunchId', definition.crunchId, /^[\w.-]{1,64}$/, '1 to 64 letters, digits, ".", "_" or "-"', complain);
  checkText('className', definition.className, /^[\w.]{1,128}$/, 'a dotted name such as "game.tracker.Base"', complain);
  // A faulty candle is complained about once, not again with every multiple of it.
  const { candleSeconds: candle } = definition;
  const candleSeconds = isWhole(candle) && candle > 0 ? candle : 1;
  checkNumbers(definition, complain);
  checkAssets(definition.assets, complain);
  checkProfiles(definition.profiles, symbolsOf(definition.assets), candleSeconds, complain);
  checkWindows(definition.windows, complain);
  checkRule(definition.rule, complain);
  checkShadowRules(definition.shadowRules, definition.rule, complain);
  if (!['available', 'complete', undefined].includes(definition.overall as string | undefined)) {
    complain('overall', '"available" or "complete"', definition.overall);
  }
  if (definition.pointsByHour !== undefined) checkFunctions('', definition, ['pointsByHour'], complain);
  if (definition.change !== 'log-return' && definition.change !== 'difference') {
    complain('change', '"log-return" or "difference"', definition.change);
  }
  checkFunctions('', definition, ['context', 'score', 'baseline', 'points'], complain);
  if (isFields(definition.requests)) {
    checkKeys('requests.', definition.requests, ['tick', 'predict'], complain);
    checkFunctions('requests.', definition.requests, ['tick', 'predict'], complain);
  } else complain('requests', 'an object with the functions tick and predict', definition.requests);
  return complaints;
}

const gameKeys = [
  ...['name', 'crunchId', 'className', 'assets', 'profiles', 'windows', 'candleSeconds', 'candleWaitSeconds'],
  ...['startToleranceSeconds', 'responseSeconds', 'boardEverySeconds', 'change', 'rule', 'requests'],
  ...['context', 'score', 'baseline', 'points', 'pointsByHour', ...Object.keys(defaults)],
];

function checkNumbers(definition: Fields, complain: Complain): void {
  const check = (name: string, accepts: (value: number) => boolean, wanted: string) => {
    const value = definition[name];
    if (value === undefined && name in defaults) return;
    if (!isNumber(value) || !accepts(value)) complain(name, wanted, value);
  };
  const isPositive = (value: number) => value > 0;
  const isNatural = (value: number) => isWhole(value) && value > 0;
  check('candleSeconds', isNatural, 'a whole number of seconds > 0');
  check('candleWaitSeconds', (value) => value >= 0, 'seconds ≥ 0');
  check('startToleranceSeconds', isPositive, 'seconds > 0');
  check('responseSeconds', isPositive, 'seconds > 0');
  check('boardEverySeconds', isNatural, 'a whole number of seconds > 0');
  // Below half a candle an instant between two prices has none; P(t) of a slot must exist.
  check('toleranceCandles', (value) => value >= 0.5 && value <= 1440, 'a number of candles from 0.5 to 1440');
  check('patienceSeconds', isPositive, 'seconds > 0');
  check('graceSeconds', isPositive, 'seconds > 0');
  check('historySeconds', isNatural, 'a whole number of seconds > 0');
  check('contextSeconds', isNatural, 'a whole number of seconds > 0');
  check('answerMaxBytes', (value) => isNatural(value) && value <= 64 * mebibyte, 'bytes from 1 to 67108864 (64 MiB)');
  const boardEvery = definition.boardEverySeconds;
  const isMultiple = (value: number) => isNatural(value) && isWhole(value / Number(boardEvery));
  if (isNumber(boardEvery)) {
    const snapshotEvery = definition.snapshotEverySeconds ?? defaults.snapshotEverySeconds;
    if (!isNumber(snapshotEvery) || !isMultiple(snapshotEvery)) {
      complain('snapshotEverySeconds', `a multiple of boardEverySeconds ${boardEvery}`, snapshotEvery);
    }
  }
  const { candleWaitSeconds: wait, startToleranceSeconds: tolerance } = definition;
  if (isNumber(wait) && isNumber(tolerance) && tolerance < wait) {
    complain(
      'startToleranceSeconds',
      `at least candleWaitSeconds ${wait}, or a late candle skips its round`,
      tolerance,
    );
  }
  const { historySeconds: history = defaults.historySeconds, contextSeconds: context = defaults.contextSeconds } =
    definition;
  if (isNumber(history) && isNumber(context) && history < context) {
    complain('historySeconds', `at least contextSeconds ${context}`, history);
  }
}

function deepFreeze<T extends object>(value: T): T {
  for (const item of Object.values(value)) {
    if (typeof item === 'object' && item !== null && !Object.isFrozen(item)) deepFreeze(item);
  }
  return Object.freeze(value);
}
