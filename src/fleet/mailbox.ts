// What one model is still to be sent, in order, one at a time: a Python runner handles one call and turns
// others away. Knows nothing of sockets; what an item means is its owner's business.

import type { CallOutcome } from './fleet.ts';

/** A question to one model, and where its outcome goes. */
export interface Ask {
  readonly request: Uint8Array;
  /** monotonicMs. */
  readonly askedAt: number;
  readonly deadline: number;
  /** Whether it has been taken out of the mailbox. */
  isTaken: boolean;
  readonly isSettled: boolean;
  /** The first outcome counts. `heldBytes`: what the answer holds of the transport's memory bound. */
  settle(outcome: CallOutcome, heldBytes?: number): void;
}

export type Item = { readonly type: 'tick'; readonly upTo: number } | { readonly type: 'ask'; readonly ask: Ask };

// Adjacent ticks merge, so there is at most one between two asks. Asks leave by their deadline; a game that
// keeps this many open at one model asks faster than anything can answer.
export const asksMax = 64;

export class Mailbox {
  readonly #work: (item: Item) => Promise<void>;
  readonly #onBusy: (isBusy: boolean) => void;
  #items: Item[] = [];
  #asks = 0;
  #isBusy = false;

  /** `work` must not reject. `onBusy` hears true when the first item comes, false when all work is done. */
  constructor(work: (item: Item) => Promise<void>, onBusy: (isBusy: boolean) => void) {
    this.#work = work;
    this.#onBusy = onBusy;
  }

  /** Waiting items, without the one at work. */
  get length(): number {
    return this.#items.length;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  tick(upTo: number): void {
    const last = this.#items.at(-1);
    if (last?.type === 'tick') this.#items[this.#items.length - 1] = { type: 'tick', upTo: Math.max(last.upTo, upTo) };
    else this.#put({ type: 'tick', upTo });
  }

  /** False when there is no room. */
  ask(ask: Ask): boolean {
    if (this.#asks >= asksMax) return false;
    this.#asks += 1;
    this.#put({ type: 'ask', ask });
    return true;
  }

  /** Empties the mailbox and returns the asks that waited in it; the item at work goes on. */
  clear(): readonly Ask[] {
    const asks = this.#items.flatMap((item) => (item.type === 'ask' && !item.ask.isSettled ? [item.ask] : []));
    this.#items = [];
    this.#asks = 0;
    return asks;
  }

  #put(item: Item): void {
    this.#items.push(item);
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#onBusy(true);
    void this.#run();
  }

  async #run(): Promise<void> {
    for (let item = this.#items.shift(); item !== undefined; item = this.#items.shift()) {
      if (item.type === 'ask') {
        this.#asks -= 1;
        if (item.ask.isSettled) continue; // its deadline passed while it waited
        item.ask.isTaken = true;
      }
      await this.#work(item);
    }
    this.#isBusy = false;
    this.#onBusy(false);
  }
}
