import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJson } from './json.ts';

const parse = (text: string) => parseJson(Buffer.from(text));

test('parseJson() agrees with JSON.parse, also where it reads for itself', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!/\d{16}/.test(text)); // large integers differ, see below
      assert.deepEqual(parse(text), JSON.parse(text));
      // A token of Python's sends it down the slow path.
      assert.deepEqual(parse(` [ ${text} , NaN ] `), [JSON.parse(text), Number.NaN]);
    }),
  );
});

test("parseJson() reads Python's tokens outside of strings only", () => {
  assert.deepEqual(parse('{"a": NaN, "b": [Infinity, -Infinity], "NaN": "NaN, Infinity"}'), {
    a: Number.NaN,
    b: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
    NaN: 'NaN, Infinity',
  });
});

test('parseJson() never rounds an integer', () => {
  assert.deepEqual(
    parse('[9007199254740993, -9007199254740993, 9007199254740991, 1763835290123456000, 0.30000000000000004, 1e300]'),
    [9007199254740993n, -9007199254740993n, 9007199254740991, 1763835290123456000n, 0.30000000000000004, 1e300],
  );
});

test('parseJson() keeps "__proto__" an ordinary key', () => {
  const value = parse('{"__proto__": {"x": NaN}}') as object;
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  assert.deepEqual(Object.keys(value), ['__proto__']);
});

test('parseJson() refuses what is not JSON with a short message', () => {
  const bad = ['', '{', '[1,]', '{"a":1,}', '01', '+1', 'nan', '"a', '[1 2]', '1 2', '"\n"', '{1:2}', '\ufeff1', '-'];
  for (const text of bad) assert.throws(() => parse(text), { name: 'SyntaxError', message: /^.{1,80}$/ }, text);
  assert.throws(() => parseJson(Uint8Array.of(0x22, 0xff, 0x22)), TypeError);
  assert.throws(() => parse('['.repeat(100_000)), /more than 500 levels/);
  assert.throws(() => parse('9'.repeat(100_000)), /an integer of more than 4300 digits/);
});
