import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeCall, encodeSetup } from './encode.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

// The vectors of wire-protocol.md 2.5 and 3, as real Python writes them.
test('encodeSetup() writes what the Python client writes', () => {
  assert.equal(hex(encodeSetup('a.B')), '0a03612e42');
});

test('encodeCall() writes positions from 1, method first', () => {
  const bytes = encodeCall({ method: 'predict', arguments: [{ type: 'json', value: [1] }] });
  assert.equal(hex(bytes), '0a0770726564696374120b0801120710061a035b315d');
});

test('encodeCall() writes each type as the wire wants it', () => {
  const argument = (bytes: Uint8Array) => hex(bytes).slice(hex(encodeCall({ method: 'm', arguments: [] })).length);
  const of = (value: Parameters<typeof encodeCall>[0]['arguments'][number]) =>
    argument(encodeCall({ method: 'm', arguments: [value] }));

  assert.equal(of({ type: 'int', value: 7 }), '12100801120c10021a080700000000000000');
  assert.match(of({ type: 'int', value: -1 }), /ffffffffffffffff$/);
  assert.match(of({ type: 'double', value: 1.5 }), /000000000000f83f$/);
  assert.match(of({ type: 'double', value: -0 }), /0000000000000080$/);
  assert.match(of({ type: 'string', value: 'héllo' }), /10031a0668c3a96c6c6f$/);
  assert.match(of({ type: 'json', value: {} }), /10061a027b7d$/);
});

test('encodeCall() refuses what JSON or 64 bits cannot hold, naming the argument', () => {
  const call = (value: Parameters<typeof encodeCall>[0]['arguments'][number]) => () =>
    encodeCall({ method: 'm', arguments: [{ type: 'string', value: '' }, value] });

  assert.throws(call({ type: 'int', value: 1.5 }), /argument 2: it is 1.5, an int must be a safe integer/);
  assert.throws(call({ type: 'json', value: { BTC: [[60, Number.NaN]] } }), /argument 2: its JSON holds NaN/);
});
