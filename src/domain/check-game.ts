// Checks the lists of a game's definition: its assets, profiles, windows and rule.

import { checkCalendar } from './check-calendar.ts';
import {
  type Complain,
  checkDistinct,
  checkFunctions,
  checkKeys,
  checkText,
  type Fields,
  isFields,
  isFilledList,
  isNumber,
  isPositiveNumber,
  isWhole,
  symbolPattern,
  symbolsOf,
} from './complaint.ts';

export function checkAssets(assets: unknown, complain: Complain): void {
  if (!isFilledList(assets)) {
    complain('assets', 'a list with at least one asset', assets);
    return;
  }
  for (const [i, asset] of assets.entries()) {
    const path = `assets[${i}]`;
    if (!isFields(asset)) {
      complain(path, 'an object', asset);
      continue;
    }
    checkKeys(`${path}.`, asset, ['symbol', 'weight', 'calendar', 'simulated'], complain);
    checkText(`${path}.symbol`, asset.symbol, symbolPattern, '1 to 12 letters or digits', complain);
    if ('weight' in asset && !isPositiveNumber(asset.weight)) complain(`${path}.weight`, 'a number > 0', asset.weight);
    if (asset.calendar !== undefined) checkCalendar(`${path}.calendar`, asset.calendar, complain);
    const simulated = isFields(asset.simulated) ? asset.simulated : {};
    checkKeys(`${path}.simulated.`, simulated, ['price', 'candleVolatility'], complain);
    if (!isPositiveNumber(simulated.price)) complain(`${path}.simulated.price`, 'a price > 0', simulated.price);
    if (!(isPositiveNumber(simulated.candleVolatility) && simulated.candleVolatility < 0.1)) {
      complain(`${path}.simulated.candleVolatility`, 'a number > 0 and < 0.1', simulated.candleVolatility);
    }
  }
  checkDistinct('assets', 'symbols', symbolsOf(assets), complain);
}

export function checkProfiles(
  profiles: unknown,
  symbols: readonly unknown[],
  candleSeconds: number,
  complain: Complain,
): void {
  if (!isFilledList(profiles)) {
    complain('profiles', 'a list with at least one profile', profiles);
    return;
  }
  for (const [i, profile] of profiles.entries()) {
    const path = `profiles[${i}]`;
    if (!isFields(profile)) {
      complain(path, 'an object', profile);
      continue;
    }
    checkKeys(`${path}.`, profile, ['name', 'horizonSeconds', 'stepsSeconds', 'everySeconds', 'assets'], complain);
    checkText(`${path}.name`, profile.name, symbolPattern, '1 to 12 letters or digits', complain);
    const isOfCandles = (value: unknown) => isPositiveNumber(value) && isWhole(value / candleSeconds);
    for (const name of ['horizonSeconds', 'everySeconds']) {
      const wanted = `a multiple of candleSeconds ${candleSeconds}, > 0`;
      if (!isOfCandles(profile[name])) complain(`${path}.${name}`, wanted, profile[name]);
    }
    checkSteps(`${path}.stepsSeconds`, profile.stepsSeconds, profile.horizonSeconds, candleSeconds, complain);
    if (profile.assets !== undefined) checkProfileAssets(`${path}.assets`, profile.assets, symbols, complain);
  }
  const names = profiles.map((profile) => (isFields(profile) ? profile.name : undefined));
  checkDistinct('profiles', 'names', names, complain);
}

const stepsMax = 100_000; // densities in one answer; far above any horizon in use (24 h by minute is 1,440)

function checkSteps(path: string, steps: unknown, horizon: unknown, candleSeconds: number, complain: Complain): void {
  if (!isFilledList(steps)) {
    complain(path, 'a list with at least one step', steps);
    return;
  }
  for (const [i, step] of steps.entries()) {
    if (!isPositiveNumber(step) || !isWhole(step / candleSeconds)) {
      complain(`${path}[${i}]`, `a multiple of candleSeconds ${candleSeconds}, > 0`, step);
    } else if (isNumber(horizon) && !isWhole(horizon / step)) {
      complain(`${path}[${i}]`, `a divisor of horizonSeconds ${horizon}`, step);
    } else if (isNumber(horizon) && horizon / step > stepsMax) {
      complain(`${path}[${i}]`, `at least ${horizon / stepsMax} (${stepsMax} steps in a round)`, step);
    }
  }
  checkDistinct(path, 'steps', steps, complain);
}

function checkProfileAssets(path: string, assets: unknown, symbols: readonly unknown[], complain: Complain): void {
  if (!isFilledList(assets)) {
    complain(path, 'a list with at least one symbol', assets);
    return;
  }
  for (const [i, symbol] of assets.entries()) {
    if (!symbols.includes(symbol)) complain(`${path}[${i}]`, `one of the game's assets ${symbols.join(', ')}`, symbol);
  }
  checkDistinct(path, 'symbols', assets, complain);
}

export function checkWindows(windows: unknown, complain: Complain): void {
  const names = Array.isArray(windows) ? windows.map((window) => (isFields(window) ? window.name : window)) : windows;
  if (!Array.isArray(names) || names.join() !== 'recent,steady,anchor') {
    complain('windows', 'three, named recent, steady and anchor in this order', names);
    return;
  }
  let shorter = 0;
  for (const [i, window] of (windows as Fields[]).entries()) {
    checkKeys(`windows[${i}].`, window, ['name', 'seconds'], complain);
    const { seconds } = window;
    if (!isPositiveNumber(seconds) || !isWhole(seconds)) {
      complain(`windows[${i}].seconds`, 'a whole number of seconds > 0', seconds);
    } else if (seconds <= shorter) {
      complain(`windows[${i}].seconds`, `more than the window before it, ${shorter}`, seconds);
    } else shorter = seconds;
  }
}

const ruleKeys = ['name', 'version', 'direction', 'note'];

export function checkRule(rule: unknown, complain: Complain): void {
  if (!isFields(rule)) {
    complain('rule', 'an object with name, version and missingPoints', rule);
    return;
  }
  checkKeys('rule.', rule, [...ruleKeys, 'kind', 'missingPoints', 'minScale', 'leavesMax'], complain);
  checkIdentity('rule', rule, complain);
  const { kind = 'exact', missingPoints, minScale, leavesMax = 64 } = rule;
  if (kind !== 'exact' && kind !== 'compatible') complain('rule.kind', '"exact" or "compatible"', kind);
  if (!isNumber(missingPoints)) complain('rule.missingPoints', 'a finite number', missingPoints);
  if (kind === 'compatible') {
    if (minScale !== undefined) complain('rule.minScale', 'absent: a compatible rule takes every scale', minScale);
  } else if (!isPositiveNumber(minScale)) complain('rule.minScale', 'a number > 0', minScale);
  if (!(isWhole(leavesMax) && leavesMax >= 1 && leavesMax <= 64)) {
    complain('rule.leavesMax', 'a whole number from 1 to 64', leavesMax);
  }
}

const shadowRulesMax = 4; // each costs as much as the primary rule, and a row of scores a prediction

export function checkShadowRules(rules: unknown, primary: unknown, complain: Complain): void {
  if (rules === undefined) return;
  if (!Array.isArray(rules) || rules.length > shadowRulesMax) {
    complain('shadowRules', `a list of at most ${shadowRulesMax} rules`, rules);
    return;
  }
  for (const [i, rule] of rules.entries()) {
    const path = `shadowRules[${i}]`;
    if (!isFields(rule)) {
      complain(path, 'an object with name, version and score', rule);
      continue;
    }
    checkKeys(`${path}.`, rule, [...ruleKeys, 'score', 'points', 'missingPoints'], complain);
    checkIdentity(path, rule, complain);
    checkFunctions(`${path}.`, rule, ['score', ...(rule.points === undefined ? [] : ['points'])], complain);
    if (rule.points !== undefined && !isNumber(rule.missingPoints)) {
      complain(`${path}.missingPoints`, 'a finite number, since the rule has points', rule.missingPoints);
    } else if (rule.points === undefined && rule.missingPoints !== undefined) {
      complain(`${path}.missingPoints`, 'absent, since the rule has no points', rule.missingPoints);
    }
  }
  const names = [primary, ...rules].map((rule) => (isFields(rule) ? rule.name : undefined));
  checkDistinct('shadowRules', "names that are not the primary rule's", names, complain);
}

function checkIdentity(path: string, { name, version, direction = 'lower', note = '' }: Fields, complain: Complain) {
  checkText(`${path}.name`, name, /^[A-Za-z0-9-]{1,32}$/, '1 to 32 letters, digits or hyphens', complain);
  if (!(isPositiveNumber(version) && isWhole(version))) complain(`${path}.version`, 'a whole number > 0', version);
  if (direction !== 'lower' && direction !== 'higher') complain(`${path}.direction`, '"lower" or "higher"', direction);
  checkText(`${path}.note`, note, /^[^\p{Cc}]{0,300}$/u, 'one line of at most 300 characters', complain);
}
