// Who belongs to the competition: a model from the moment it can be asked until it has been gone for the
// game's grace. A redeployment or a short absence does not interrupt membership; after grace a model
// returns as new.

import type { Membership } from '../domain/model.ts';

export class Members {
  readonly #graceSeconds: number;
  readonly #current = new Map<string, Membership>();

  constructor(graceSeconds: number, known: readonly Membership[]) {
    this.#graceSeconds = graceSeconds;
    for (const membership of known) this.#current.set(membership.modelId, membership);
  }

  /** A model can be asked. Returns its membership when that is news. */
  ready(modelId: string, now: number): Membership | null {
    const known = this.#current.get(modelId);
    if (known && known.goneAt === null) return null;
    const isBack = known?.goneAt != null && now - known.goneAt < this.#graceSeconds;
    return this.#set(isBack ? { ...known, goneAt: null } : { modelId, joinedAt: now, goneAt: null, leftAt: null });
  }

  /** A model can no longer be asked. Returns its membership when that is news. */
  gone(modelId: string, now: number): Membership | null {
    const known = this.#current.get(modelId);
    if (!known || known.goneAt !== null) return null;
    return this.#set({ ...known, goneAt: now });
  }

  /** Ends the memberships whose grace has run out. */
  expire(now: number): readonly Membership[] {
    const ended: Membership[] = [];
    for (const membership of this.#current.values()) {
      if (membership.goneAt === null || now - membership.goneAt < this.#graceSeconds) continue;
      this.#current.delete(membership.modelId);
      ended.push({ ...membership, leftAt: membership.goneAt + this.#graceSeconds });
    }
    return ended;
  }

  /** Members now, those in grace included, in id order (code units, as PostgreSQL's "C" orders ASCII). */
  ids(): readonly string[] {
    return [...this.#current.keys()].sort();
  }

  /** Members that are disconnected, in id order. */
  goneIds(): readonly string[] {
    return this.ids().filter((modelId) => this.#current.get(modelId)?.goneAt !== null);
  }

  #set(membership: Membership): Membership {
    this.#current.set(membership.modelId, membership);
    return membership;
  }
}
