import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pointsByHour, realizedHours, spread, sumByHour } from './hours.ts';

const { NaN: none } = Number;
const sumOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

test('realizedHours() puts a step into the UTC hour of its end, and leaves out what is not scored', () => {
  // From 00:50: steps of 10 minutes end at 01:00, 01:10 and 01:20; those of half an hour at 01:20 and 01:50.
  const hours = realizedHours(50 * 60, [
    { stepSeconds: 600, x: Float64Array.of(1, none, 1) },
    { stepSeconds: 1800, x: Float64Array.of(none, 1) },
  ]);
  assert.deepEqual(hours, {
    firstHour: 1,
    steps: [3],
    places: [Int32Array.of(0, -1, 0), Int32Array.of(-1, 0)],
  });
});

test('realizedHours() leaves no gap between hours', () => {
  const { firstHour, steps } = realizedHours(0, [{ stepSeconds: 3600, x: Float64Array.of(1, none, none, 1) }]);
  assert.deepEqual([firstHour, steps], [1, [1, 0, 0, 1]]);
});

const twoHours = realizedHours(0, [{ stepSeconds: 1800, x: Float64Array.of(1, 1, none, 1) }]);

test('sumByHour() adds what steps add, and spreads a score whose parts say nothing', () => {
  const summed = (score: number, parts: Float64Array) => {
    const into = new Float64Array(3);
    sumByHour(score, [parts], twoHours, into);
    return [...into];
  };
  assert.deepEqual(twoHours.steps, [1, 1, 1]);
  assert.deepEqual(summed(6, Float64Array.of(1, 2, none, 3)), [1, 2, 3]);
  assert.deepEqual(summed(6, Float64Array.of(none, none, none, none)), [2, 2, 2]);
  assert.deepEqual(summed(6, Float64Array.of(1, 2, none, 4)), [2, 2, 2]);
  assert.deepEqual(summed(6, Float64Array.of(1, 2, none, Number.POSITIVE_INFINITY)), [2, 2, 2]);
});

test('pointsByHour() adds up to the points, whatever the game says', () => {
  // Below 1e-300 a double has too few digits left to add up.
  const number = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => (Math.abs(value) < 1e-300 ? 0 : value));
  const told = fc.oneof(
    fc.constant(undefined),
    fc.array(fc.double({ noDefaultInfinity: false }), { maxLength: 4 }),
    fc.constant('nonsense'),
  );
  fc.assert(
    fc.property(fc.tuple(number, number, number), number, told, (hours, points, answer) => {
      const game = answer === undefined ? {} : { pointsByHour: () => answer as number[] };
      const score = { score: sumOf(hours), hours };
      const parts = pointsByHour(game, points, score, { baseline: score, context: null, steps: twoHours.steps });
      assert.equal(parts.length, 3);
      const size = sumOf(parts.map(Math.abs));
      const tolerance = Math.max(1e-300, 1e-6 * (size + Math.abs(points)));
      assert.ok(Math.abs(sumOf(parts) - points) <= tolerance, `${parts} of ${points}`);
    }),
  );
});

test("pointsByHour() is the game's where it adds up, else in proportion to the score", () => {
  const score = { score: 4, hours: [1, 0, 3] };
  const rest = { baseline: score, context: null, steps: twoHours.steps };
  assert.deepEqual(pointsByHour({ pointsByHour: () => [5, 4, -1] }, 8, score, rest), [5, 4, -1]);
  assert.deepEqual(pointsByHour({}, 8, score, rest), [2, 0, 6]);
  const throwing = { pointsByHour: () => assert.fail('a defect of the game') };
  assert.deepEqual(pointsByHour(throwing, 8, score, rest), [2, 0, 6]);
  const infinite = { pointsByHour: () => [Number.POSITIVE_INFINITY, 0, 0] };
  assert.deepEqual(pointsByHour(infinite, 8, score, rest), [2, 0, 6]);
  assert.deepEqual(pointsByHour({}, 9, { score: 0, hours: [1, 0, -1] }, rest), [3, 3, 3]);
});

test('spread() gives every step the same', () => assert.deepEqual(spread(6, [2, 0, 1]), [4, 0, 2]));
