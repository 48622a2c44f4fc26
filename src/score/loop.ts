// The life of the score worker: one turn after another, for ever. What must not happen (a database that
// is away, a game that can't be loaded in a thread) is caught here, once; all state is rebuilt and the
// turn repeated, since everything a turn does can be repeated.

import type { MarketClock } from '../domain/clock.ts';
import type { SettlementRepository } from '../domain/repositories.ts';
import { sleep } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Now, PassResult } from './pass.ts';
import type { Wakeup } from './wakeup.ts';

export interface LoopDeps {
  readonly settlements: Pick<SettlementRepository, 'competition'>;
  /** Makes a turn for a competition, with nothing remembered. */
  readonly createPass: (current: Now) => (current: Now, signal: AbortSignal) => Promise<PassResult>;
  /** Name of the game this worker has. */
  readonly gameName: string;
  readonly wakeup: Wakeup;
  readonly log: Log;
}

const backoffMs = { first: 250, most: 10_000 };
const complainEveryTurns = 60; // of a second each
const pollMs = { live: 1000, moving: 20, still: 250 };

/** Runs until `signal` aborts. Never rejects. */
export async function runLoop(deps: LoopDeps, signal: AbortSignal): Promise<void> {
  const { settlements, createPass, gameName, wakeup, log } = deps;
  let pass: ReturnType<typeof createPass> | undefined;
  let world: string | undefined;
  let before: MarketClock | undefined;
  let [failures, strangeTurns] = [0, 0];
  while (!signal.aborted) {
    try {
      const current = await settlements.competition();
      if (current === null) {
        await wakeup.wait(pollMs.live, signal);
        continue;
      }
      const { competition, clock } = current;
      if (competition.game !== gameName) {
        if (strangeTurns++ % complainEveryTurns === 0) {
          log.error({ present: gameName, wanted: competition.game }, 'cannot score: the database is of another game');
        }
        await wakeup.wait(pollMs.live, signal);
        continue;
      }
      if (pass === undefined || world !== competition.world) pass = createPass(current);
      world = competition.world;
      const { hasMore } = await pass(current, signal);
      if (failures > 0) log.info({ failures }, 'the score worker goes on');
      failures = 0;
      if (!hasMore) await wakeup.wait(pollAfter(clock, before), signal);
      before = clock;
    } catch (error) {
      if (signal.aborted) return;
      pass = undefined;
      const waitMs = Math.min(backoffMs.most, backoffMs.first * 2 ** failures++);
      log.error({ err: error, waitMs }, 'a turn of the score worker failed and will be repeated');
      await sleep(waitMs, signal);
    }
  }
}

/** How long to wait without a hint: briefly while a replay moves, since its clock waits for us. */
function pollAfter(clock: MarketClock, before: MarketClock | undefined): number {
  if (clock.mode !== 'replay' && clock.mode !== 'warmup') return pollMs.live;
  return before === undefined || clock.now > before.now ? pollMs.moving : pollMs.still;
}
