// What a gRPC status means for a call on a model.

import type { Cause } from '../domain/prediction.ts';

const grpcNames = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

/** Cause and words of a call that ended with `grpc-status` ≠ 0. `message` is the percent-encoded `grpc-message`. */
export function explainStatus(status: number, message: string): { cause: Cause; detail: string } {
  const text = decodePercent(message);
  return { cause: causeOf(status, text), detail: `${grpcNames[status] ?? `gRPC status ${status}`}: ${text}` };
}

function causeOf(status: number, text: string): Cause {
  switch (status) {
    case 4:
      return 'timeout';
    case 8:
      if (/server busy/i.test(text)) return 'busy';
      // The runner's own limit on what it sends; its limit on what it receives is no fault of the answer.
      return /sent message larger/i.test(text) ? 'oversize' : 'raised';
    case 14:
      return 'crashed';
    case 16:
      return 'unauthenticated';
    default:
      return 'raised';
  }
}

/** gRPC percent-encodes UTF-8; what isn't valid is shown as it came. */
function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text.slice(0, 4096));
  } catch {
    return text.slice(0, 4096);
  }
}
