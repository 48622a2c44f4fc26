// The fleet: hundreds of models behind one small interface. It knows who is there (the orchestrator's
// WebSocket), keeps a connection, a mailbox and a cursor for each, and turns every outcome into a value.
// It does not know what is asked, nor what an answer means.

import type { Answer, Cause } from '../domain/prediction.ts';

/** Who a model is, as the orchestrator says; every string is a stranger's. */
export interface Announced {
  readonly modelId: string;
  readonly deploymentId: string;
  readonly modelName: string | null;
  readonly cruncherId: string | null;
  readonly cruncherName: string | null;
  readonly cruncherWallet: string | null;
}

export type FleetEvent =
  /** Announced for the first time, or its names changed. */
  | { readonly type: 'announced'; readonly model: Announced }
  /** Setup has succeeded and its history is delivered: it can be asked. Again after each reconnect or redeployment. */
  | { readonly type: 'ready'; readonly model: Announced }
  /** It can no longer be asked: stopped, recovering, or its connection is lost. */
  | { readonly type: 'gone'; readonly modelId: string; readonly reason: string };

/** How one call on one model ended. Times are wall time. */
export type CallOutcome =
  | {
      readonly status: 'success';
      readonly answer: Answer;
      readonly deploymentId: string;
      readonly latencyUs: number;
      readonly queuedUs: number;
    }
  | {
      readonly status: 'failed' | 'timeout';
      readonly cause: Cause;
      /** The model's or the transport's words, at most 500 characters, control characters removed. */
      readonly detail: string | null;
      readonly deploymentId: string;
      readonly latencyUs: number | null;
      readonly queuedUs: number;
    }
  | { readonly status: 'absent'; readonly cause: 'absent'; readonly detail: string | null };

export interface FleetOptions {
  /** `ws://host:port`, without the crunch id. */
  readonly orchestratorUrl: string;
  readonly crunchId: string;
  readonly className: string;
  /**
   * Encoded tick requests that bring a model from `cursor` (its newest pricedAt, −Infinity for a newcomer)
   * to `upTo`, in bounded chunks; empty when there is nothing to tell. Must return the same bytes object
   * for the same arguments while they are current, so that it is encoded and posted once. `request` is
   * looked at when it is sent and may be made then; what throws is logged and tried again later.
   */
  tickRequests(cursor: number, upTo: number): readonly { readonly request: Uint8Array; readonly upTo: number }[];
  /** Longest answer accepted, bytes. */
  readonly answerMaxBytes: number;
  /** Wall time a tick may take before it is cancelled and sent again later. */
  readonly tickTimeoutMs: number;
  readonly setupTimeoutMs: number;
  /** Threads that hold the sockets. Default 2. */
  readonly threads?: number;
  onEvent(event: FleetEvent): void;
}

export interface Fleet {
  /** Connects and goes on until stopped. Never rejects because an orchestrator or a model is away. */
  start(): Promise<void>;
  /** Every ready model, and every newcomer, is to know the prices up to `upTo`. Returns at once. */
  tick(upTo: number): void;
  /**
   * Asks each of `modelIds`, behind whatever its mailbox holds, with one deadline for all (wall time from
   * now). Resolves at the latest at the deadline, with an outcome for every id.
   */
  ask(modelIds: readonly string[], request: Uint8Array, timeoutMs: number): Promise<ReadonlyMap<string, CallOutcome>>;
  /**
   * Resolves when every mailbox but those of `except` is empty and nothing of theirs is in flight, or after
   * `timeoutMs` or when `signal` aborts, with the ids of those that are not.
   */
  idle(options?: {
    readonly except?: ReadonlySet<string>;
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal;
  }): Promise<readonly string[]>;
  /** Ids of the models that can be asked now, in id order. */
  ready(): readonly string[];
  health(): FleetHealth;
  /** Closes everything within 2 s. */
  stop(): Promise<void>;
}

export interface FleetHealth {
  readonly orchestratorConnected: boolean;
  readonly announced: number;
  readonly ready: number;
  readonly queuedCalls: number;
  readonly inFlightBytes: number;
  /** Messages of the orchestrator, and elements of them, that could not be understood. */
  readonly ignoredMessages: number;
}
