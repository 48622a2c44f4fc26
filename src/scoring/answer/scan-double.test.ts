import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scanDouble } from './scan-double.ts';

const scan = (text: string) => scanDouble(Buffer.from(text), 0);

function assertAsParsed(text: string): void {
  const { isNumber, value, end } = scan(text);
  assert.ok(isNumber && end === text.length && Object.is(value, JSON.parse(text)), `${text} is read as ${value}`);
}

const sign = fc.constantFrom('', '-');
const digits = (maxLength: number) => fc.stringMatching(/^[0-9]+$/, { maxLength });
const integer = fc.oneof(
  fc.constant('0'),
  fc.tuple(fc.constantFrom(...'123456789'), digits(20)).map((d) => d.join('')),
);
const exponent = fc.oneof(
  fc.constant(''),
  fc.integer({ min: -330, max: 330 }).map((power) => `e${power}`),
);

test('scanDouble() reads every number as JSON.parse does', () => {
  const written = fc.tuple(
    sign,
    integer,
    fc.oneof(
      fc.constant(''),
      digits(30).map((d) => `.${d}`),
    ),
    exponent,
  );
  fc.assert(
    fc.property(written, (parts) => assertAsParsed(parts.join(''))),
    { numRuns: 2_000 },
  );
});

test('scanDouble() reads every double that is written shortest', () => {
  const near = fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.integer({ min: -12, max: 12 }));
  fc.assert(
    fc.property(near, ([value, power]) => assertAsParsed(JSON.stringify(value * 10 ** power))),
    { numRuns: 3_000 },
  );
});

test('scanDouble() rounds as JSON.parse does next to the middle of two doubles', () => {
  // 2^53 + 1 is such a middle; so is 9007199254740993·10^−k to within what 17 digits tell.
  for (let k = 0; k <= 40; k++) {
    for (const middle of ['9007199254740993', '90071992547409930', '90071992547409931', '90071992547409929']) {
      assertAsParsed(`${middle}e-${k}`);
    }
  }
  assertAsParsed('0.500000000000000055511151231257827');
  assertAsParsed('1.00000000000000011');
});

test('scanDouble() stops where the grammar of JSON ends', () => {
  for (const text of ['', '-', '01', '1.', '.5', '1e', '1e+', '-x', '00.1', '1.e3']) {
    assert.equal(scan(text).isNumber, false, text);
  }
  const inside = scanDouble(Buffer.from('[12.25, 3]'), 1);
  assert.deepEqual({ ...inside }, { isNumber: true, value: 12.25, end: 6 });
});
