// A Python runner turns calls away ("Server busy") while it is at work on an earlier one, also on one that
// we cancelled long ago. So a call is sent again, soon, until it is taken or its time is up.

import { sleep } from '../lib/clock.ts';
import { createBackoff } from './backoff.ts';
import { monotonicMs } from './monotonic.ts';
import type { Session } from './transport.ts';
import type { CallResult, Method } from './transport-messages.ts';

export interface CallWhenFreeOptions {
  /** Spreads the tries of different models. */
  readonly seed: string;
  readonly signal: AbortSignal;
}

// How long a model still works on what we no longer wait for is mostly short; twice a second costs nothing.
const busyRetry = { minMs: 20, maxMs: 500 };

/** How the call ended; `busy` when the runner was never free. `sentAt` is that of the first try. */
export async function callWhenFree(
  session: Session,
  method: Method,
  request: Uint8Array,
  deadline: number,
  { seed, signal }: CallWhenFreeOptions,
): Promise<CallResult> {
  const first = await session.call(method, request, deadline);
  if (!isBusy(first)) return first;
  const backoff = createBackoff({ ...busyRetry, seed });
  for (let last = first; ; ) {
    const waitMs = backoff.nextMs();
    if (monotonicMs() + waitMs >= deadline) return { ...last, sentAt: first.sentAt };
    await sleep(waitMs, signal);
    last = await session.call(method, request, deadline);
    if (!isBusy(last)) return { ...last, sentAt: first.sentAt };
  }
}

function isBusy(result: CallResult): boolean {
  return result.status === 'failed' && result.cause === 'busy';
}
