import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineGame } from './define-game.ts';
import type { GameDefinition } from './game.ts';

const sound: GameDefinition = {
  name: 'toy',
  crunchId: 'toy',
  className: 'toy.Model',
  assets: [
    { symbol: 'BTC', simulated: { price: 100, candleVolatility: 0.001 } },
    { symbol: 'ETH', simulated: { price: 10, candleVolatility: 0.001 } },
  ],
  profiles: [{ name: '1h', horizonSeconds: 3600, stepsSeconds: [60], everySeconds: 720 }],
  windows: [
    { name: 'recent', seconds: 86_400 },
    { name: 'steady', seconds: 259_200 },
    { name: 'anchor', seconds: 604_800 },
  ],
  candleSeconds: 60,
  candleWaitSeconds: 10,
  startToleranceSeconds: 20,
  responseSeconds: 60,
  boardEverySeconds: 60,
  change: 'log-return',
  rule: { name: 'toy', version: 1, missingPoints: 0, minScale: 1e-8 },
  requests: { tick: () => ({ method: 'tick', arguments: [] }), predict: () => ({ method: 'predict', arguments: [] }) },
  context: () => null,
  score: () => 0,
  baseline: () => ({ steps: [] }),
  points: () => [],
};

/** What defineGame says about a definition that is sound but for `changes`. */
function complaints(changes: object): string[] {
  try {
    defineGame({ ...sound, ...changes } as GameDefinition);
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').slice(1);
  }
}

test('defineGame() fills in the defaults', () => {
  const game = defineGame(sound);
  assert.equal(game.toleranceCandles, 1.5);
  assert.equal(game.patienceSeconds, 7200);
  assert.equal(game.graceSeconds, 86_400);
  assert.equal(game.historySeconds, 30 * 86_400);
  assert.equal(game.contextSeconds, 86_400);
  assert.equal(game.snapshotEverySeconds, 900);
  assert.equal(game.answerMaxBytes, 1_048_576);
  assert.equal(game.assets[0]?.weight, 1);
  assert.deepEqual(game.profiles[0]?.assets, ['BTC', 'ETH']);
});

test('defineGame() freezes what it returns', () => {
  const game = defineGame(structuredCloneOfData());
  assert.throws(() => Object.assign(game, { name: 'other' }), TypeError);
  assert.throws(() => Object.assign(game.assets[0] as object, { weight: 9 }), TypeError);
});

function structuredCloneOfData(): GameDefinition {
  return { ...sound, assets: sound.assets.map((asset) => ({ ...asset })) };
}

test('defineGame() tells all complaints at once, each with field, wanted and present', () => {
  assert.throws(() => defineGame({ ...sound, name: 'Toy', candleSeconds: 0, responseSeconds: Number.NaN }), {
    message: [
      'Cannot define game "Toy":',
      '- name: must be 1 to 32 lower-case letters, digits or hyphens, is "Toy"',
      '- candleSeconds: must be a whole number of seconds > 0, is 0',
      '- responseSeconds: must be seconds > 0, is NaN',
    ].join('\n'),
  });
});

test('defineGame() refuses what is no definition', () => {
  assert.throws(() => defineGame(null as unknown as GameDefinition), /definition: must be an object, is null/);
  assert.deepEqual(complaints({ assets: undefined }), ['- assets: must be a list with at least one asset, is missing']);
});

test('defineGame() refuses a misspelt field instead of taking the default', () => {
  assert.match(
    complaints({ toleranceCandels: 3 })[0] ?? '',
    /^- toleranceCandels: must be absent \(the fields are name,/,
  );
});

test('defineGame() checks assets', () => {
  const asset = { symbol: 'BTC', simulated: { price: 100, candleVolatility: 0.001 } };
  assert.deepEqual(complaints({ assets: [asset, { ...asset, weight: 0, simulated: { price: -1 } }] }), [
    '- assets[1].weight: must be a number > 0, is 0',
    '- assets[1].simulated.price: must be a price > 0, is -1',
    '- assets[1].simulated.candleVolatility: must be a number > 0 and < 0.1, is missing',
    '- assets: must be a list of distinct symbols, is "BTC"',
  ]);
  assert.deepEqual(complaints({ assets: [{ ...asset, symbol: 'BTC/USD' }] }), [
    '- assets[0].symbol: must be 1 to 12 letters or digits, is "BTC/USD"',
  ]);
});

test('defineGame() checks calendars', () => {
  const calendar = {
    zone: 'New York',
    weekly: [{ from: 'Monday 25:00', to: 'Freitag 17:00' }],
    closed: [
      { from: '2025-02-30 10:00', to: '2025-03-01 10:00' },
      { from: '2025-03-01 10:00', to: '2025-03-01 09:00' },
    ],
  };
  const asset = { symbol: 'XAU', calendar, simulated: { price: 1, candleVolatility: 0.001 } };
  assert.deepEqual(complaints({ assets: [asset] }), [
    '- assets[0].calendar.zone: must be an IANA zone such as "America/New_York", is "New York"',
    '- assets[0].calendar.weekly[0].from: must be a day and time such as "Monday 17:00", is "Monday 25:00"',
    '- assets[0].calendar.weekly[0].to: must be a day and time such as "Monday 17:00", is "Freitag 17:00"',
    '- assets[0].calendar.closed[0].from: must be a date and time such as "2025-05-26 14:30", is "2025-02-30 10:00"',
    '- assets[0].calendar.closed[1].to: must be later than from "2025-03-01 10:00", is "2025-03-01 09:00"',
  ]);
});

test('defineGame() checks profiles', () => {
  const profile = {
    name: '1h',
    horizonSeconds: 3600,
    stepsSeconds: [60, 700, 90],
    everySeconds: 100,
    assets: ['DOGE'],
  };
  assert.deepEqual(complaints({ profiles: [profile] }), [
    '- profiles[0].everySeconds: must be a multiple of candleSeconds 60, > 0, is 100',
    '- profiles[0].stepsSeconds[1]: must be a multiple of candleSeconds 60, > 0, is 700',
    '- profiles[0].stepsSeconds[2]: must be a multiple of candleSeconds 60, > 0, is 90',
    `- profiles[0].assets[0]: must be one of the game's assets BTC, ETH, is "DOGE"`,
  ]);
  assert.deepEqual(complaints({ profiles: [{ ...profile, everySeconds: 60, assets: ['BTC'], stepsSeconds: [420] }] }), [
    '- profiles[0].stepsSeconds[0]: must be a divisor of horizonSeconds 3600, is 420',
  ]);
});

test('defineGame() checks windows', () => {
  assert.deepEqual(complaints({ windows: sound.windows.toReversed() }), [
    '- windows: must be three, named recent, steady and anchor in this order, is ["anchor","steady","recent"]',
  ]);
  const same = sound.windows.map((window) => ({ ...window, seconds: 60 }));
  assert.deepEqual(complaints({ windows: same }), [
    '- windows[1].seconds: must be more than the window before it, 60, is 60',
    '- windows[2].seconds: must be more than the window before it, 60, is 60',
  ]);
});

test('defineGame() checks numbers that depend on each other', () => {
  assert.deepEqual(complaints({ snapshotEverySeconds: 90, startToleranceSeconds: 5, historySeconds: 60 }), [
    '- snapshotEverySeconds: must be a multiple of boardEverySeconds 60, is 90',
    '- startToleranceSeconds: must be at least candleWaitSeconds 10, or a late candle skips its round, is 5',
    '- historySeconds: must be at least contextSeconds 86400, is 60',
  ]);
  assert.deepEqual(complaints({ answerMaxBytes: 2 ** 27 }), [
    '- answerMaxBytes: must be bytes from 1 to 67108864 (64 MiB), is 134217728',
  ]);
});

test('defineGame() checks the rule and the functions', () => {
  assert.deepEqual(
    complaints({ rule: { name: 'toy', version: 1.5, missingPoints: Number.NEGATIVE_INFINITY, minScale: 0 } }),
    [
      '- rule.version: must be a whole number > 0, is 1.5',
      '- rule.missingPoints: must be a finite number, is -Infinity',
      '- rule.minScale: must be a number > 0, is 0',
    ],
  );
  assert.deepEqual(complaints({ score: 'best', requests: { tick: 1 } }), [
    '- score: must be a function, is "best"',
    '- requests.tick: must be a function, is 1',
    '- requests.predict: must be a function, is missing',
  ]);
});
