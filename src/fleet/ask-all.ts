// One question to many models with one deadline: gathers an outcome for every id, and never waits beyond.

import type { CallOutcome } from './fleet.ts';
import type { Link } from './link.ts';
import type { Ask } from './mailbox.ts';
import { monotonicMs, timerMaxMs } from './monotonic.ts';
import { failure } from './outcome.ts';

export interface OpenQuestion {
  readonly outcomes: Promise<ReadonlyMap<string, CallOutcome>>;
  /** Settles everything that is open as interrupted. */
  interrupt(): void;
}

// The thread's own word on a call that ran out of time is on its way at the deadline; a thread that is
// stalled or dead must not hold up the round.
const lastWordMs = 250;

/** `linkOf` gives the link of a model that can be asked; `release` gives back what answers held, at the end. */
export function askAll(
  modelIds: readonly string[],
  request: Uint8Array,
  timeoutMs: number,
  { linkOf, release }: { linkOf(modelId: string): Link | undefined; release(heldBytes: number): void },
): OpenQuestion {
  const askedAt = monotonicMs();
  const outcomes = new Map<string, CallOutcome | null>();
  const open = new Set<{ ask: Ask; deploymentId: string }>();
  let held = 0;
  let timer: NodeJS.Timeout | null = null;
  let resolveAll: (outcomes: ReadonlyMap<string, CallOutcome>) => void;
  const all = new Promise<ReadonlyMap<string, CallOutcome>>((resolve) => {
    resolveAll = resolve;
  });

  for (const modelId of modelIds) outcomes.set(modelId, null); // the order asked for, each id once
  for (const modelId of outcomes.keys()) {
    const link = linkOf(modelId);
    if (link === undefined) outcomes.set(modelId, { status: 'absent', cause: 'absent', detail: 'not connected' });
    else put(modelId, link);
  }
  if (open.size > 0) timer = setTimeout(expireWaiting, Math.min(timeoutMs, timerMaxMs));
  finishIfSettled();
  return { outcomes: all, interrupt: () => settleOpen('failed', 'interrupted', 'the coordinator is stopping') };

  function put(modelId: string, link: Link): void {
    const entry: { deploymentId: string; ask: Ask } = {
      deploymentId: link.deployment.deploymentId,
      ask: {
        request,
        askedAt,
        deadline: askedAt + timeoutMs,
        isTaken: false,
        get isSettled(): boolean {
          return !open.has(entry);
        },
        settle(outcome: CallOutcome, heldBytes = 0) {
          if (!open.delete(entry)) {
            release(heldBytes);
            return;
          }
          held += heldBytes;
          outcomes.set(modelId, outcome);
          if (timer !== null) finishIfSettled(); // not while questions are still being put
        },
      },
    };
    open.add(entry);
    link.ask(entry.ask);
  }

  /** At the deadline: what still waits in a mailbox was never sent, because the model was busy. */
  function expireWaiting(): void {
    timer = setTimeout(() => settleOpen('timeout', 'timeout', 'no answer before the deadline'), lastWordMs);
    settleOpen('timeout', 'busy', 'still busy with an earlier call', (ask) => !ask.isTaken);
    finishIfSettled();
  }

  function settleOpen(
    status: 'failed' | 'timeout',
    cause: 'busy' | 'timeout' | 'interrupted',
    detail: string,
    which: (ask: Ask) => boolean = () => true,
  ): void {
    const endedAt = monotonicMs();
    for (const { ask, deploymentId } of [...open]) {
      const sentAt = ask.isTaken ? askedAt : null;
      if (which(ask)) ask.settle(failure(status, cause, detail, { deploymentId, askedAt, sentAt, endedAt }));
    }
  }

  function finishIfSettled(): void {
    if (open.size > 0) return;
    if (timer !== null) clearTimeout(timer);
    release(held);
    held = 0;
    resolveAll(outcomes as ReadonlyMap<string, CallOutcome>); // every id has its outcome now
  }
}
