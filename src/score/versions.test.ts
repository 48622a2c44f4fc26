import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Json } from '../domain/game.ts';
import type { Round } from '../domain/round.ts';
import { gameVersion } from '../domain/version.ts';
import game from './test-game.ts';
import { createGameVersions } from './versions.ts';

const own = { game, gameVersion: gameVersion(game).id };
const earlier = { ...game, patienceSeconds: game.patienceSeconds * 2 };
const stored = new Map<string, Json>([[gameVersion(earlier).id, gameVersion(earlier).data]]);
const versions = createGameVersions(own, async (id) => stored.get(id) ?? null);

const roundUnder = (id: string, changes: Partial<Round> = {}) =>
  ({ gameVersion: id, ruleName: game.rule.name, ruleVersion: game.rule.version, ...changes }) as Round;

test('gameOf() is the own game for rounds of its data', async () => {
  assert.equal(await versions.gameOf(roundUnder(own.gameVersion)), game);
});

test('gameOf() settles an open round under the data it was started under, with the functions at hand', async () => {
  const found = await versions.gameOf(roundUnder(gameVersion(earlier).id));

  assert.equal(found?.patienceSeconds, game.patienceSeconds * 2);
  assert.equal(found?.score, game.score);
});

test('gameOf() keeps the functions of stored shadow rules of this name and version, and drops the others', async () => {
  const [near, first] = game.shadowRules;
  assert.ok(near && first);
  const before = {
    ...game,
    shadowRules: [
      { ...first, version: 1 },
      { ...near, note: 'as it was' },
    ],
  };
  const { id, data } = gameVersion(before);
  stored.set(id, data);
  const found = await versions.gameOf(roundUnder(id));
  assert.deepEqual(found?.shadowRules, [{ ...near, note: 'as it was' }]);
  assert.equal(found?.shadowRules[0]?.score, near.score);

  stored.set('of a release without shadow rules', { patienceSeconds: 1 });
  assert.deepEqual((await versions.gameOf(roundUnder('of a release without shadow rules')))?.shadowRules, []);
});

test('gameOf() is null for another rule, another version of it, and data that nobody stored', async () => {
  const others = [
    roundUnder(own.gameVersion, { ruleVersion: game.rule.version + 1 }),
    roundUnder(own.gameVersion, { ruleName: 'other' }),
    roundUnder('unknown'),
  ];
  assert.deepEqual(await Promise.all(others.map((round) => versions.gameOf(round))), [null, null, null]);
});
