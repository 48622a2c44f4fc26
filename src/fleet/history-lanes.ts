// Newcomers' history is heavy and never urgent: only so many chunks travel at once, so that ticks and
// questions of everybody else never queue behind it. A model whose last chunk failed uses a lane of its
// own, so that dead newcomers cannot keep live ones waiting.

export type Lane = 'first' | 'again';

export interface HistoryLanes {
  /** Resolves with the function that gives the place back. */
  enter(lane: Lane): Promise<() => void>;
}

// 16 chunks of about 1 MiB keep two threads' sockets full; a retry may cost its whole timeout.
const places: Readonly<Record<Lane, number>> = { first: 16, again: 8 };

export function createHistoryLanes(): HistoryLanes {
  const lanes = { first: createLane(places.first), again: createLane(places.again) };
  return { enter: (lane) => lanes[lane]() };
}

function createLane(free: number): () => Promise<() => void> {
  const waiting: (() => void)[] = [];
  const leave = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return async () => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    return leave;
  };
}
