// Calls on models as wire bytes. Encoded once, sent to everybody who needs the same bytes.

import { create, toBinary } from '@bufbuild/protobuf';
import type { Argument, Json, ModelCall } from '../domain/game.ts';
import { VariantType } from '../gen/commons_pb.ts';
import { CallRequestSchema, SetupRequestSchema } from '../gen/dynamic_subclass_pb.ts';

/**
 * CallRequest bytes; positions count from 1. Numbers in JSON are written as JavaScript prints them.
 * @throws RangeError when an int is not a safe integer or a JSON number is not finite, naming the argument.
 */
export function encodeCall(call: ModelCall): Uint8Array {
  const methodArguments = call.arguments.map((argument, i) => ({ position: i + 1, data: toVariant(argument, i + 1) }));
  return toBinary(CallRequestSchema, create(CallRequestSchema, { methodName: call.method, methodArguments }));
}

/** SetupRequest bytes, without instance arguments. */
export function encodeSetup(className: string): Uint8Array {
  return toBinary(SetupRequestSchema, create(SetupRequestSchema, { className }));
}

const utf8 = new TextEncoder();

function toVariant(argument: Argument, position: number): { type: VariantType; value: Uint8Array } {
  switch (argument.type) {
    case 'string':
      return { type: VariantType.STRING, value: utf8.encode(argument.value) };
    case 'int':
      return { type: VariantType.INT, value: int64(argument.value, position) };
    case 'double':
      return { type: VariantType.DOUBLE, value: eightBytes((view) => view.setFloat64(0, argument.value, true)) };
    case 'json':
      assertFinite(argument.value, position);
      return { type: VariantType.JSON, value: utf8.encode(JSON.stringify(argument.value)) };
  }
}

function int64(value: number, position: number): Uint8Array {
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`Cannot encode argument ${position}: it is ${value}, an int must be a safe integer`);
  }
  return eightBytes((view) => view.setBigInt64(0, BigInt(value), true));
}

function eightBytes(write: (view: DataView) => void): Uint8Array {
  const bytes = new Uint8Array(8);
  write(new DataView(bytes.buffer));
  return bytes;
}

/** JSON.stringify would silently write null for NaN and infinities; a price that is null is worse than no tick. */
function assertFinite(value: Json, position: number): void {
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return;
    throw new RangeError(`Cannot encode argument ${position}: its JSON holds ${value}, numbers must be finite`);
  }
  if (Array.isArray(value)) for (const item of value) assertFinite(item, position);
  else if (value instanceof Object) for (const item of Object.values(value)) assertFinite(item as Json, position);
}
