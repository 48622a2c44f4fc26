// What every game owes to the answers of one round, whatever its rule: equal treatment, finite points, and a price
// for missing answers that nobody can change. And what only some games can promise: that no account changes
// another's points.

import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Game } from '../src/domain/game.ts';
import { packageRoot } from '../src/lib/package-root.ts';
import { loadGame } from '../src/load-game.ts';
import synth from './synth/game.ts';

const folder = join(packageRoot, 'games');
const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'game.ts')));
const games: readonly Game[] = await Promise.all(names.map(loadGame));

/** Games whose points depend on the round's other answers, which their notes must admit. */
const relative = ['synth'];

/** Raw scores of a round. From a small pool too, so that there are ties; up to absurd ones. */
const score = fc.oneof(
  fc.double({ min: 0, max: 5, noNaN: true }),
  fc.constantFrom(0, 0.5, 1, 1 + Number.EPSILON),
  fc.double({ min: 0, max: 1e150, noNaN: true }),
);
const round = fc.array(score, { minLength: 1, maxLength: 40 });
const baselineScore = 1.02;

function pointsOf(game: Game, scores: readonly number[]): readonly number[] {
  return game.points(scores, baselineScore, null);
}

/** A score is better where the game's direction says so. */
function isBetter(game: Game, a: number, b: number): boolean {
  return game.rule.direction === 'higher' ? a > b : a < b;
}

for (const game of games) {
  const { name } = game;

  test(`${name}.points() gives one finite number for each score`, () => {
    fc.assert(
      fc.property(round, (scores) => {
        const points = pointsOf(game, scores);
        assert.equal(points.length, scores.length);
        assert.ok(points.every(Number.isFinite), String(points));
      }),
    );
    assert.deepEqual(pointsOf(game, []), []);
  });

  test(`${name}.points() does not depend on the order of the answers`, () => {
    const shuffled = round.chain((scores) =>
      fc.tuple(fc.constant(scores), fc.shuffledSubarray([...scores.keys()], { minLength: scores.length })),
    );
    fc.assert(
      fc.property(shuffled, ([scores, order]) => {
        const points = pointsOf(game, scores);
        assert.deepEqual(
          pointsOf(
            game,
            order.map((i) => scores[i] as number),
          ),
          order.map((i) => points[i]),
        );
      }),
    );
  });

  test(`${name}.points() treats equal scores alike and a better one no worse`, () => {
    fc.assert(
      fc.property(round, (scores) => {
        const points = pointsOf(game, scores) as number[];
        for (const [i, a] of scores.entries()) {
          for (const [j, b] of scores.entries()) {
            if (a === b) assert.equal(points[i], points[j]);
            if (isBetter(game, a, b)) assert.ok((points[i] as number) >= (points[j] as number));
          }
        }
      }),
    );
  });

  test(`${name}.points() of clones are those of one`, () => {
    fc.assert(
      fc.property(score, fc.integer({ min: 2, max: 30 }), (value, count) => {
        const clones = pointsOf(game, new Array<number>(count).fill(value));
        assert.deepEqual(clones, new Array(count).fill(pointsOf(game, [value])[0]));
      }),
    );
  });

  test(`${name} fixes the points of a missing answer beforehand, below those of the baseline`, () => {
    assert.ok(Number.isFinite(game.rule.missingPoints));
    assert.ok(game.rule.missingPoints < (pointsOf(game, [baselineScore])[0] as number));
  });
}

for (const game of games.filter(({ name }) => !relative.includes(name))) {
  test(`${game.name}.points() of one account are out of reach of all others`, () => {
    fc.assert(
      fc.property(round, round, (scores, others) => {
        assert.deepEqual(pointsOf(game, [...scores, ...others]).slice(0, scores.length), pointsOf(game, scores));
      }),
    );
  });
}

test('synth.points() of an account depend on the others: part of the rule, and one reason why it is improper', () => {
  assert.match(synth.rule.note ?? '', /points depend on/);
  const honest = Array.from({ length: 19 }, (_, i) => 1 + i / 100);
  const points = pointsOf(synth, honest);
  const withThrowAway = pointsOf(synth, [...honest, 900]);
  // An absurd answer moves the 95th percentile, and what told the others apart shrinks to a thousandth.
  const spread = (of: readonly number[]) => (of[0] as number) - (of[17] as number);
  assert.ok(spread(points) > 0.9, String(spread(points)));
  assert.ok(spread(withThrowAway) < 0.01, String(spread(withThrowAway)));
  // One that is better than all takes from everybody.
  assert.ok(
    pointsOf(synth, [...honest, 0.5])
      .slice(0, 19)
      .every((value, i) => value <= (points[i] as number)),
  );
});

test('synth.points() of a lone answer, of equal answers and of nearly all clones are 1 for the best and 0 below', () => {
  assert.deepEqual(pointsOf(synth, [7]), [1]);
  assert.deepEqual(pointsOf(synth, [2, 2, 2]), [1, 1, 1]);
  assert.deepEqual(pointsOf(synth, [...new Array<number>(40).fill(2), 3]), [...new Array<number>(40).fill(1), 0]);
});

test('synth.points() runs from 1 at the best to 0 at the 95th percentile, linear between two scores', () => {
  // Of 11 scores the percentile lies at index 9.5: halfway between 90 and 100.
  const scores = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100];
  const expected = scores.map((value) => Math.max(0, (95 - value) / 95));
  assert.deepEqual(pointsOf(synth, scores), expected);
});
