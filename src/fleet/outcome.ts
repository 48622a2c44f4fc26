// From how a call ended to what the caller is told.

import { cleanDetail } from './detail.ts';
import type { CallOutcome } from './fleet.ts';
import type { CallResult } from './transport-messages.ts';

/** Of one model's question: when it was put into the mailbox, and when it first reached the wire. */
export interface Timing {
  readonly deploymentId: string;
  readonly askedAt: number;
  /** Null when it never reached the wire. */
  readonly sentAt: number | null;
  readonly endedAt: number;
}

export function toOutcome(result: CallResult, timing: Timing): CallOutcome {
  if (result.status === 'failed') {
    const { cause, detail } = result;
    return failure(cause === 'timeout' || cause === 'busy' ? 'timeout' : 'failed', cause, detail, timing);
  }
  if (result.word !== 'SUCCESS') {
    const word = cleanDetail(result.word) ?? 'a reply without a status word';
    return failure('failed', 'raised', `${word}: ${result.message}`, timing);
  }
  const { answerType: type, bytes, endedAt } = result;
  const { deploymentId, askedAt } = timing;
  const sentAt = timing.sentAt ?? endedAt;
  return {
    status: 'success',
    answer: { type, bytes },
    deploymentId,
    latencyUs: toUs(endedAt - sentAt),
    queuedUs: toUs(sentAt - askedAt),
  };
}

export function failure(
  status: 'failed' | 'timeout',
  cause: Exclude<CallOutcome, { status: 'success' }>['cause'],
  detail: string | null,
  { deploymentId, askedAt, sentAt, endedAt }: Timing,
): CallOutcome {
  return {
    status,
    cause,
    detail: detail === null ? null : cleanDetail(detail),
    deploymentId,
    latencyUs: sentAt === null ? null : toUs(endedAt - sentAt),
    queuedUs: toUs((sentAt ?? endedAt) - askedAt),
  };
}

function toUs(ms: number): number {
  return Math.max(0, Math.round(ms * 1000));
}
