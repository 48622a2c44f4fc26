import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeReply } from './decode.ts';

const bytes = (hex: string) => Buffer.from(hex, 'hex');

test('decodeReply() reads what Python writes', () => {
  const empty = decodeReply(bytes('0a090a0753554343455353'));
  assert.deepEqual([empty.word, empty.type, empty.bytes.length], ['SUCCESS', 'none', 0]);

  const double = decodeReply(bytes('0a090a0753554343455353120c10011a08000000000000f83f'));
  assert.deepEqual([double.type, Buffer.from(double.bytes).readDoubleLE()], ['double', 1.5]);

  const setup = decodeReply(
    bytes('0a280a0753554343455353121d496e7374616e63652063726561746564207375636365737366756c6c79'),
  );
  assert.deepEqual([setup.word, setup.message], ['SUCCESS', 'Instance created successfully']);
});

test('decodeReply() skips fields it does not know and takes none at all for an empty word', () => {
  assert.equal(decodeReply(bytes('1801')).word, '');
  assert.equal(decodeReply(bytes('18010a040a024f4b220161')).word, 'OK');
});

test('decodeReply() refuses what it cannot take, saying why', () => {
  assert.throws(() => decodeReply(bytes('12021009')), /value has type 9/);
  assert.throws(() => decodeReply(bytes('120510061aff01')), /premature EOF/);
  assert.throws(() => decodeReply(bytes('0b0c')), /field 1 is a group/);
  assert.throws(() => decodeReply(bytes('0801')), /wire type 0 for bytes/);
  assert.throws(() => decodeReply(Buffer.alloc(1_000_000, bytes('1801'))), /more than 32 fields/);
});

test('decodeReply() never does anything but return or throw an Error on any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (message) => {
      try {
        assert.ok(decodeReply(message).bytes.length <= message.length);
      } catch (error) {
        assert.ok(error instanceof Error && !(error instanceof TypeError));
      }
    }),
    { numRuns: 2000 },
  );
});
