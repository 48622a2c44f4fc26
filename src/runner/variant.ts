// The wire's typed values (wire-protocol 3) and what they are in JavaScript.
//
//   argument   NONE → null, DOUBLE → number, INT → number (bigint beyond 2^53), STRING → string, JSON → its value
//   result     number → DOUBLE, bigint and boolean → INT, string → STRING, plain object or array → JSON,
//              undefined and null → no value at all
//
// A number is always DOUBLE, also when it is whole: JavaScript can't tell 3 from 3.0, and a type that
// changes with the value would surprise the reader. Who needs INT returns a bigint. PARQUET and ARROW
// are refused: they would need a reader for tables that no model of ours uses.

import { create } from '@bufbuild/protobuf';
import { type Variant, VariantSchema, VariantType } from '../gen/commons_pb.ts';
import { parseJson } from './json.ts';

/**
 * The JavaScript value of an argument.
 * @throws Error naming the type, when it can't be read.
 */
export function decodeVariant(variant: Variant | undefined): unknown {
  const bytes = variant?.value ?? new Uint8Array();
  const type = variant?.type ?? VariantType.NONE;
  switch (type) {
    case VariantType.NONE:
      return null;
    case VariantType.DOUBLE:
      if (bytes.length !== 8) throw new Error(`Cannot read DOUBLE: it has ${bytes.length} bytes instead of 8`);
      return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true);
    case VariantType.INT:
      return decodeInt(bytes);
    case VariantType.STRING:
      return utf8.decode(bytes);
    case VariantType.JSON:
      return parseJson(bytes);
    default:
      throw new Error(`Cannot read ${VariantType[type] ?? `variant type ${type}`}: this runner does not support it`);
  }
}

/**
 * The wire's value for a result; undefined for null and undefined.
 * @throws Error naming the type, when there is none.
 */
export function encodeResult(value: unknown): Variant | undefined {
  switch (typeof value) {
    case 'undefined':
      return undefined;
    case 'number': {
      const bytes = new Uint8Array(8);
      new DataView(bytes.buffer).setFloat64(0, value, true);
      return create(VariantSchema, { type: VariantType.DOUBLE, value: bytes });
    }
    case 'bigint':
    case 'boolean':
      return create(VariantSchema, { type: VariantType.INT, value: encodeInt(BigInt(value)) });
    case 'string':
      return create(VariantSchema, { type: VariantType.STRING, value: Buffer.from(value) });
    case 'object':
      if (value === null) return undefined;
      if (isPlain(value)) {
        return create(VariantSchema, { type: VariantType.JSON, value: Buffer.from(JSON.stringify(value)) });
      }
  }
  const name = value instanceof Object && typeof value === 'object' ? value.constructor.name : typeof value;
  throw new TypeError(`Unsupported result type: ${name}; return a number, string, boolean, plain object or array`);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Signed two's complement, little-endian, of any length; empty is 0. */
function decodeInt(bytes: Uint8Array): number | bigint {
  if (bytes.length > intBytesMax) throw new Error(`Cannot read INT: ${bytes.length} bytes, at most ${intBytesMax}`);
  if (bytes.length === 0) return 0;
  const hex = Buffer.from(bytes).reverse().toString('hex');
  const value = BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`));
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** 8192-bit integers; longer ones are an attack on the reader. */
const intBytesMax = 1024;

function encodeInt(value: bigint): Uint8Array {
  if (BigInt.asIntN(64, value) !== value) throw new RangeError(`Cannot write INT: ${value} needs more than 64 bits`);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, value, true);
  return bytes;
}

/** Arrays and object literals. Anything else (Map, Date, typed arrays, …) JSON would turn into something else. */
function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
