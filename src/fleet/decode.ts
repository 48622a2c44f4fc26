// A runner's reply, decoded only as far as its status word and the type and bytes of its value. Runs in
// the transport threads on bytes of strangers, so its work is bounded: no recursion, few fields.

import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { VariantName } from '../domain/prediction.ts';

/** A SetupResponse or CallResponse: both begin with a status; only the second may carry a value. */
export interface Reply {
  /** `SUCCESS`, `MODEL_FAILED`, …; empty when the runner sent none. */
  readonly word: string;
  /** At most 4096 bytes of the runner's message, not yet cleaned. */
  readonly message: string;
  readonly type: VariantName;
  /** A view into the message decoded; empty for `none`. */
  readonly bytes: Uint8Array;
}

const variantNames: readonly VariantName[] = ['none', 'double', 'int', 'string', 'parquet', 'arrow', 'json'];
// An honest reply has two fields, each message in it two. Without a bound, 1 MiB of two-byte fields would
// hold up everybody on this thread.
const fieldsMax = 32;
const wordMaxBytes = 64;
const messageMaxBytes = 4096;
const noBytes = new Uint8Array(0);

/** @throws Error saying what is wrong with the bytes. */
export function decodeReply(message: Uint8Array): Reply {
  let word = '';
  let words = '';
  let type = 0;
  let bytes: Uint8Array = noBytes;
  readFields(message, (field, reader) => {
    if (field === 1) {
      readFields(bytesOf(reader), (statusField, status) => {
        if (statusField === 1) word = textOf(status, wordMaxBytes);
        else if (statusField === 2) words = textOf(status, messageMaxBytes);
        else return false;
        return true;
      });
    } else if (field === 2) {
      readFields(bytesOf(reader), (variantField, variant) => {
        if (variantField === 2) type = variant.reader.int32();
        else if (variantField === 3) bytes = bytesOf(variant);
        else return false;
        return true;
      });
    } else return false;
    return true;
  });
  const name = variantNames[type];
  if (name === undefined) throw new Error(`Cannot decode reply: its value has type ${type}, known are 0 to 6`);
  return { word, message: words, type: name, bytes };
}

interface FieldReader {
  readonly reader: BinaryReader;
  readonly wireType: WireType;
}

/** Calls `read` for each field; it returns false for fields it doesn't know, which are skipped. */
function readFields(bytes: Uint8Array, read: (field: number, reader: FieldReader) => boolean): void {
  const reader = new BinaryReader(bytes);
  let fields = 0;
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    fields += 1;
    if (fields > fieldsMax) throw new Error(`Cannot decode reply: it has more than ${fieldsMax} fields`);
    if (wireType === WireType.StartGroup || wireType === WireType.EndGroup) {
      throw new Error(`Cannot decode reply: field ${field} is a group`);
    }
    if (!read(field, { reader, wireType })) reader.skip(wireType, field);
  }
}

function bytesOf({ reader, wireType }: FieldReader): Uint8Array {
  if (wireType !== WireType.LengthDelimited) throw new Error(`Cannot decode reply: wire type ${wireType} for bytes`);
  return reader.bytes();
}

const utf8 = new TextDecoder();

function textOf(field: FieldReader, maxBytes: number): string {
  return utf8.decode(bytesOf(field).subarray(0, maxBytes));
}
