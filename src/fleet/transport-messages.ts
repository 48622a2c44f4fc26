// What the main thread and a transport thread say to each other. Both sides collect what they have to
// say in one turn of their event loop and post it as one array.

import type { Cause, VariantName } from '../domain/prediction.ts';

export type Method = 'Setup' | 'Call';

export type Command =
  | {
      readonly type: 'open';
      readonly session: number;
      readonly host: string;
      readonly port: number;
      readonly connectTimeoutMs: number;
    }
  | { readonly type: 'close'; readonly session: number; readonly reason: string }
  | {
      readonly type: 'call';
      readonly call: number;
      readonly session: number;
      readonly method: Method;
      /** Which request; its bytes come along the first time only. */
      readonly request: number;
      readonly bytes: Uint8Array | null;
      /** monotonicMs. */
      readonly deadline: number;
    }
  | { readonly type: 'forget'; readonly request: number };

export type Report =
  | { readonly type: 'open'; readonly session: number }
  | { readonly type: 'closed'; readonly session: number; readonly reason: string }
  | { readonly type: 'result'; readonly call: number; readonly result: CallResult };

/** How one call ended. Instants are monotonicMs; `sentAt` is null when it never reached the wire. */
export type CallResult =
  | {
      readonly status: 'reply';
      /** The runner's status word. */
      readonly word: string;
      /** Its message, not yet cleaned. */
      readonly message: string;
      readonly answerType: VariantName;
      readonly bytes: Uint8Array;
      /** Bytes counted as in flight for this answer, to be given back by whoever lets go of it. */
      readonly heldBytes: number;
      readonly sentAt: number | null;
      readonly endedAt: number;
    }
  | {
      readonly status: 'failed';
      readonly cause: Cause;
      readonly detail: string;
      readonly sentAt: number | null;
      readonly endedAt: number;
    };

export interface ThreadData {
  readonly answerMaxBytes: number;
  /** One Int32: bytes of all answers in flight, in all threads. */
  readonly inFlight: SharedArrayBuffer;
  readonly inFlightMaxBytes: number;
}
