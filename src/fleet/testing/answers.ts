// Answers for stub models: replies as wire bytes, made once.

import { create, toBinary } from '@bufbuild/protobuf';
import { VariantType } from '../../gen/commons_pb.ts';
import { CallResponseSchema } from '../../gen/dynamic_subclass_pb.ts';

/** A reply whose status word is `code`. */
export function statusReply(code: string, message = ''): Uint8Array {
  return toBinary(CallResponseSchema, create(CallResponseSchema, { status: { code, message } }));
}

/** A SUCCESS whose value is the JSON `text`. */
export function jsonReply(text: string): Uint8Array {
  const status = { code: 'SUCCESS', message: '' };
  const methodResponse = { type: VariantType.JSON, value: new TextEncoder().encode(text) };
  return toBinary(CallResponseSchema, create(CallResponseSchema, { status, methodResponse }));
}

/** gRPC's frame around a message; `flag` 1 claims compression. */
export function frameMessage(message: Uint8Array, flag = 0, length = message.length): Buffer {
  const framed = Buffer.allocUnsafe(message.length + 5);
  framed[0] = flag;
  framed.writeUInt32BE(length, 1);
  framed.set(message, 5);
  return framed;
}

/** `steps` valid densities as JSON: mixtures of two normals; 288 steps are 53 KB. */
export function mixtureAnswer(steps = 288): string {
  const component = (scale: string, weight: string) =>
    `{"density":{"type":"builtin","name":"norm","params":{"loc":0,"scale":${scale}}},"weight":${weight}}`;
  const step = `{"type":"mixture","components":[${component('0.001', '0.7')},${component('0.003', '0.3')}]}`;
  return `[${Array.from({ length: steps }, () => step).join(', ')}]`;
}
