// One deployment of one model: its connection, its Setup, its history, its mailbox.
//
// States: preparing (connect, Setup, history, over and over until it succeeds) → ready (it can be told and
// asked) → preparing again when the connection is lost. From each of them → closed, for good. A link that
// is replaced while ready finishes the call it is at and closes then.

import { sleep } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { type Backoff, createBackoff } from './backoff.ts';
import { callWhenFree } from './call-when-free.ts';
import type { AnnouncedDeployment } from './cluster.ts';
import { cleanDetail } from './detail.ts';
import type { FleetOptions } from './fleet.ts';
import type { HistoryLanes } from './history-lanes.ts';
import { type Ask, type Item, Mailbox } from './mailbox.ts';
import { monotonicMs } from './monotonic.ts';
import { failure, toOutcome } from './outcome.ts';
import type { Session, Transport } from './transport.ts';
import type { CallResult, Method } from './transport-messages.ts';

export interface LinkOptions {
  readonly deployment: AnnouncedDeployment;
  readonly setupRequest: Uint8Array;
  readonly setupTimeoutMs: number;
  readonly tickTimeoutMs: number;
  readonly tickRequests: FleetOptions['tickRequests'];
  readonly transport: Transport;
  readonly lanes: HistoryLanes;
  readonly log: Log;
  /** Up to when every model is to know the prices; −Infinity before the first tick. */
  wantedUpTo(): number;
  onReady(link: Link): void;
  /** After ready: it can't be asked any more. Not called by `close` and `retire`. */
  onLost(link: Link, reason: string): void;
  onBusy(isBusy: boolean): void;
}

// A container that was just started listens late, a restarted process is back within a second: quick at
// first. At the slow end a thousand dead models cost 70 tries a second.
const connectRetry = { minMs: 250, maxMs: 10_000 };
// A model whose Setup fails needs a new version from its author, which comes as a new deployment; these
// tries are for faults that pass by themselves.
const setupRetry = { minMs: 30_000, maxMs: 600_000 };
// A model that stays up this long after being ready does not crash in a loop.
const settledAfterMs = 60_000;
const alreadyExists = 'Instance already exists';

export class Link {
  readonly #options: LinkOptions;
  readonly #mailbox: Mailbox;
  readonly #closing = new AbortController();
  readonly #connectBackoff: Backoff;
  readonly #setupBackoff: Backoff;
  readonly #said = new Set<string>();
  #session: Session | null = null;
  #isReady = false;
  #isRetired = false;
  /** Newest pricedAt the model knows; −Infinity: nothing. */
  #cursor = Number.NEGATIVE_INFINITY;
  /** The instance in the runner is one that we set up and have told everything up to the cursor. */
  #isInstanceOurs = false;
  /** Its last history chunk failed: it uses the lane of those who try again. */
  #hasFailedHistory = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#mailbox = new Mailbox(
      (item) => this.#work(item),
      (isBusy) => this.#onBusy(isBusy),
    );
    const seed = options.deployment.deploymentId;
    this.#connectBackoff = createBackoff({ ...connectRetry, seed });
    this.#setupBackoff = createBackoff({ ...setupRetry, seed });
  }

  get deployment(): AnnouncedDeployment {
    return this.#options.deployment;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  get queuedCalls(): number {
    return this.#mailbox.length;
  }

  start(): void {
    void this.#live();
  }

  /** Only when ready; before, history leads up to what is wanted anyway. */
  tick(upTo: number): void {
    if (this.#isReady) this.#mailbox.tick(upTo);
  }

  /** Settles `ask` sooner or later, unless its deadline does. Only when ready. */
  ask(ask: Ask): void {
    if (!this.#mailbox.ask(ask)) this.#turnAway(ask, 'timeout', 'busy', 'too many questions wait for this model');
  }

  /** Finishes the call it is at, then closes. Returns the questions that waited; they are its successor's. */
  retire(): readonly Ask[] {
    const asks = this.#mailbox.clear();
    this.#isReady = false;
    this.#isRetired = true;
    if (!this.#mailbox.isBusy) this.close('replaced by a new deployment');
    return asks;
  }

  /** Ends connection and calls at once. */
  close(reason: string): void {
    this.#isReady = false;
    this.#closing.abort();
    for (const ask of this.#mailbox.clear()) this.#turnAway(ask, 'failed', 'crashed', reason);
    this.#session?.close(reason);
  }

  async #live(): Promise<void> {
    const { transport, deployment, onReady, onLost } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const session = transport.open(deployment.modelId, deployment);
      this.#session = session;
      let waitMs = await this.#prepareSafely(session);
      if (waitMs === null && !signal.aborted) {
        const readyAt = monotonicMs();
        this.#isReady = true;
        this.#said.clear();
        onReady(this);
        const reason = await session.closed;
        if (this.#isReady) {
          this.#isReady = false;
          for (const ask of this.#mailbox.clear())
            this.#turnAway(ask, 'failed', 'crashed', `connection lost: ${reason}`);
          onLost(this, reason);
        }
        if (monotonicMs() - readyAt > settledAfterMs) this.#connectBackoff.reset();
        waitMs = this.#connectBackoff.nextMs();
      }
      session.close('trying again');
      if (waitMs !== null) await sleep(waitMs, signal);
    }
  }

  /** A game that cannot make a tick from its history keeps its models waiting, and nothing else. */
  async #prepareSafely(session: Session): Promise<number | null> {
    try {
      return await this.#prepare(session);
    } catch (error) {
      this.#options.log.error({ err: error, ...this.#who() }, 'cannot prepare a model');
      return this.#setupBackoff.nextMs();
    }
  }

  /** Null when the model is ready, else how long to wait before the next try. */
  async #prepare(session: Session): Promise<number | null> {
    if (!(await session.opened)) {
      this.#say('cannot connect to the model', await session.closed);
      return this.#connectBackoff.nextMs();
    }
    const setup = await this.#setUp(session);
    if (setup === 'refused') return this.#setupBackoff.nextMs();
    if (setup === 'again' || !(await this.#deliverHistory(session))) return this.#connectBackoff.nextMs();
    return null;
  }

  /**
   * `again`: the connection's or the moment's fault; `refused`: the model's. The cursor survives only when
   * the runner says that the instance is the one we set up ourselves: after a Setup without a reply
   * "already exists" may mean a fresh, empty one; so may it after a restart of our own.
   */
  async #setUp(session: Session): Promise<'done' | 'again' | 'refused'> {
    const { setupRequest, setupTimeoutMs, transport } = this.#options;
    const result = await this.#send(session, 'Setup', setupRequest, monotonicMs() + setupTimeoutMs);
    if (result.status === 'failed') {
      const { cause, detail } = result;
      if (cause !== 'busy' && result.sentAt !== null) this.#isInstanceOurs = false;
      this.#say('Setup failed', `${cause}: ${detail}`);
      return cause === 'timeout' || cause === 'busy' || cause === 'crashed' || cause === 'refused'
        ? 'again'
        : 'refused';
    }
    transport.release(result.heldBytes);
    if (result.word !== 'SUCCESS') {
      this.#say('Setup failed', `${result.word}: ${result.message}`);
      return 'refused';
    }
    if (result.message !== alreadyExists || !this.#isInstanceOurs) this.#cursor = Number.NEGATIVE_INFINITY;
    this.#isInstanceOurs = true;
    return 'done';
  }

  /** Tells everything up to what is wanted; what is wanted may move on meanwhile. */
  async #deliverHistory(session: Session): Promise<boolean> {
    const { wantedUpTo } = this.#options;
    for (let before = Number.NaN; this.#cursor < wantedUpTo() && this.#cursor !== before; ) {
      before = this.#cursor;
      const failed = await this.#tell(session, wantedUpTo());
      if (failed !== null) {
        this.#say('cannot deliver history', describe(failed));
        return false;
      }
    }
    return !session.isClosed;
  }

  /** Sends what lies between the cursor and `upTo`. Null when all is told, else how it failed. */
  async #tell(session: Session, upTo: number): Promise<CallResult | null> {
    const { tickRequests, tickTimeoutMs, lanes, transport } = this.#options;
    const chunks = tickRequests(this.#cursor, upTo);
    const isHistory = chunks.length > 1 || this.#cursor === Number.NEGATIVE_INFINITY;
    for (const chunk of chunks) {
      const leave = isHistory ? await lanes.enter(this.#hasFailedHistory ? 'again' : 'first') : null;
      let result: CallResult;
      try {
        result = await this.#send(session, 'Call', chunk.request, monotonicMs() + tickTimeoutMs);
      } finally {
        leave?.(); // also when the game's tick throws
      }
      if (result.status === 'reply') transport.release(result.heldBytes);
      const isTold = result.status === 'reply' && result.word === 'SUCCESS';
      if (isHistory) this.#hasFailedHistory = !isTold;
      if (!isTold) return result;
      this.#cursor = chunk.upTo;
    }
    return null;
  }

  async #work(item: Item): Promise<void> {
    const session = this.#session;
    try {
      if (session === null) throw new Error('Cannot work on a link that was not started');
      if (item.type === 'ask') await this.#answer(session, item.ask);
      else if (item.upTo > this.#cursor) await this.#tickOnce(session, item.upTo);
    } catch (error) {
      // The game's tickRequests threw, or we are wrong: this model's problem, nobody else's.
      this.#options.log.error({ err: error, ...this.#who() }, 'cannot work on a call');
      if (item.type === 'ask') this.#turnAway(item.ask, 'failed', 'raised', 'an error of the coordinator');
    }
  }

  /** A tick that fails leaves the cursor where it is, so that the next one brings what is missing. */
  async #tickOnce(session: Session, upTo: number): Promise<void> {
    const failed = await this.#tell(session, upTo);
    if (failed === null) return;
    if (isWithoutInstance(failed)) await this.#heal(session);
    else this.#options.log.debug({ ...this.#who(), reason: describe(failed) }, 'a tick failed');
  }

  async #answer(session: Session, ask: Ask): Promise<void> {
    const { transport, deployment } = this.#options;
    let result = await this.#send(session, 'Call', ask.request, ask.deadline);
    if (isWithoutInstance(result) && (await this.#heal(session))) {
      if (result.status === 'reply') transport.release(result.heldBytes);
      const { sentAt } = result;
      result = { ...(await this.#send(session, 'Call', ask.request, ask.deadline)), sentAt };
    }
    const { sentAt, endedAt } = result;
    const outcome = toOutcome(result, { deploymentId: deployment.deploymentId, askedAt: ask.askedAt, sentAt, endedAt });
    const heldBytes = result.status === 'reply' ? result.heldBytes : 0;
    ask.settle(outcome, heldBytes);
  }

  /** The runner was restarted behind the same connection: sets it up and tells it everything again. */
  async #heal(session: Session): Promise<boolean> {
    this.#isInstanceOurs = false;
    const setup = await this.#setUp(session);
    if (setup === 'done') return (await this.#tell(session, this.#options.wantedUpTo())) === null;
    session.close('Setup failed'); // and from there as after every lost connection
    return false;
  }

  #send(session: Session, method: Method, request: Uint8Array, deadline: number): Promise<CallResult> {
    const options = { seed: this.deployment.modelId, signal: this.#closing.signal };
    return callWhenFree(session, method, request, deadline, options);
  }

  #turnAway(ask: Ask, status: 'failed' | 'timeout', cause: 'busy' | 'crashed' | 'raised', detail: string): void {
    const { deploymentId } = this.deployment;
    ask.settle(
      failure(status, cause, detail, { deploymentId, askedAt: ask.askedAt, sentAt: null, endedAt: monotonicMs() }),
    );
  }

  #onBusy(isBusy: boolean): void {
    this.#options.onBusy(isBusy);
    if (!isBusy && this.#isRetired) this.close('replaced by a new deployment');
  }

  /** Each kind of trouble once until the model is ready again: a dead model must not fill the log. */
  #say(what: string, reason: string): void {
    const fields = { ...this.#who(), reason: cleanDetail(reason) };
    if (this.#closing.signal.aborted || this.#said.has(what)) this.#options.log.debug(fields, what);
    else this.#options.log.warn(fields, what);
    this.#said.add(what);
  }

  #who(): { modelId: string; deploymentId: string } {
    const { modelId, deploymentId } = this.deployment;
    return { modelId, deploymentId };
  }
}

function isWithoutInstance(result: CallResult): boolean {
  return result.status === 'reply' && result.word === 'FAILED_PRECONDITION';
}

function describe(result: CallResult): string {
  return result.status === 'failed' ? `${result.cause}: ${result.detail}` : `${result.word}: ${result.message}`;
}
