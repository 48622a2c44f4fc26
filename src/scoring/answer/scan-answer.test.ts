import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scanAnswer } from './scan-answer.ts';

const scan = (text: string) => scanAnswer(Buffer.from(text));

/** As Python's json.dumps writes: a space after each comma and colon. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, part]) => `"${key}": ${spaced(part)}`)
    .join(', ')}}`;
}

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -5, max: 5, noNaN: true }),
);
const leaf = fc.record({
  type: fc.constantFrom('builtin', 'scipy', 'statistics', 'wrong'),
  name: fc.constantFrom('norm', 't', 'weibull_min', 'beta', 'truncweibull_min'),
  params: fc.oneof(
    fc.record({ loc: number, scale: number }, { noNullPrototype: true }),
    fc.record({ df: number, loc: number, scale: number }, { noNullPrototype: true }),
    fc.dictionary(fc.constantFrom('a', 'b', '1', '0', 'loc', 'scale', 'x_y'), number, {
      minKeys: 1,
      noNullPrototype: true,
    }),
  ),
});
const { density } = fc.letrec((tie) => ({
  density: fc.oneof({ maxDepth: 3, withCrossShrink: true }, leaf, tie('mixture')),
  mixture: fc.record({
    type: fc.constant('mixture'),
    components: fc.array(
      fc.oneof(
        fc.record({ density: tie('density'), weight: number }),
        fc.record({ weight: number, density: tie('density') }),
      ),
      { minLength: 1, maxLength: 3 },
    ),
  }),
}));
const list = fc.array(density, { minLength: 1, maxLength: 6 });
const answer = fc.oneof(
  list,
  fc.dictionary(fc.constantFrom('60', '300', '3600'), list, { minKeys: 1, noNullPrototype: true }),
);
const written = fc.tuple(
  answer,
  fc.constantFrom(spaced, JSON.stringify, (value: unknown) => JSON.stringify(value, null, 1)),
);

test('scanAnswer() reads an ordinary answer as JSON.parse does', () => {
  fc.assert(
    fc.property(written, ([value, write]) => {
      const text = write(value);
      assert.deepEqual(scan(text), JSON.parse(text));
    }),
    { numRuns: 300 },
  );
});

test('scanAnswer() of a damaged answer is undefined, or what JSON.parse makes of it', () => {
  const damage = fc.tuple(
    fc.double({ min: 0, max: 0.999, noNaN: true }),
    fc.constantFrom(...' {}[],:"-+.0e1naN\\_\u0000\u00e9'),
  );
  fc.assert(
    fc.property(written, damage, fc.boolean(), ([value, write], [place, letter], replaces) => {
      const text = write(value);
      const i = Math.floor(place * text.length);
      const damaged = text.slice(0, i) + letter + text.slice(replaces ? i + 1 : i);
      const scanned = scan(damaged);
      if (scanned !== undefined) assert.deepEqual(scanned, JSON.parse(damaged));
    }),
    { numRuns: 1_000 },
  );
});

test('scanAnswer() reads a leaf of a known form, and one that only begins like it', () => {
  const leafOf = (params: string) => `{"type": "builtin", "name": "norm", "params": {${params}}}`;
  const texts = [
    '"loc": 1, "scale": 2',
    '"loc": 3, "scale": 4',
    '"loc": 5, "scale": 6 ',
    '"loc": 7, "scale": 8, "a": 9',
    '"loc": 1',
  ];
  const text = `[${texts.map(leafOf).join(', ')}]`;
  assert.deepEqual(scan(text), JSON.parse(text));
});

test('scanAnswer() leaves what is unusual to JSON.parse', () => {
  const ordinary = '{"type":"builtin","name":"norm","params":{"loc":0,"scale":1}}';
  assert.deepEqual(scan(`[${ordinary}]`), [JSON.parse(ordinary)]);
  for (const text of [
    '',
    '[]',
    '{}',
    'null',
    `[${ordinary}`,
    `[${ordinary}]]`,
    `[${ordinary},]`,
    `\u{FEFF}[${ordinary}]`,
    '[{"type":"builtin","name":"norm","params":{}}]',
    '[{"type":"builtin","name":"norm","params":{"__proto__":1}}]',
    '[{"type":"builtin","name":"norm","params":{"loc":NaN,"scale":1}}]',
    '[{"type":"builtin","name":"norm","params":{"loc":"0","scale":1}}]',
    '[{"name":"norm","type":"builtin","params":{"loc":0,"scale":1}}]',
    '[{"step":300,"prediction":{}}]',
    `${'[{"type":"mixture","components":[{"weight":1,"density":'.repeat(1)}${'{"type":"mixture","components":[{"weight":1,"density":'.repeat(100_000)}`,
  ]) {
    assert.equal(scan(text), undefined, text.slice(0, 80));
  }
});
