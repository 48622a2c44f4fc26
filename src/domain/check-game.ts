// Checks the lists of a game's definition: its assets, profiles, windows and rule.

import { checkCalendar } from './check-calendar.ts';
import {
  type Complain,
  checkDistinct,
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

export function checkRule(rule: unknown, complain: Complain): void {
  if (!isFields(rule)) {
    complain('rule', 'an object with name, version, missingPoints and minScale', rule);
    return;
  }
  checkKeys('rule.', rule, ['name', 'version', 'missingPoints', 'minScale'], complain);
  checkText('rule.name', rule.name, /^[A-Za-z0-9-]{1,32}$/, '1 to 32 letters, digits or hyphens', complain);
  if (!(isPositiveNumber(rule.version) && isWhole(rule.version))) {
    complain('rule.version', 'a whole number > 0', rule.version);
  }
  if (!isNumber(rule.missingPoints)) complain('rule.missingPoints', 'a finite number', rule.missingPoints);
  if (!isPositiveNumber(rule.minScale)) complain('rule.minScale', 'a number > 0', rule.minScale);
}
