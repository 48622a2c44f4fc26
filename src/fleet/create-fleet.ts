// Builds the fleet: who is announced (orchestrator, cluster), a link for each, and one face to the worker.

import type { Log } from '../lib/log.ts';
import { parseAnnouncement } from './announcement.ts';
import { askAll, type OpenQuestion } from './ask-all.ts';
import { type AnnouncedDeployment, applyAnnouncement, type Cluster, type ClusterChange, isSameRun } from './cluster.ts';
import { encodeSetup } from './encode.ts';
import type { Announced, CallOutcome, Fleet, FleetHealth, FleetOptions } from './fleet.ts';
import { createHistoryLanes, type HistoryLanes } from './history-lanes.ts';
import { Link } from './link.ts';
import { OrchestratorClient } from './orchestrator-client.ts';
import { createTransport, type Transport } from './transport.ts';

/** One model: the deployment last announced, the link that serves, and the one that is to take over. */
interface Member {
  deployment: AnnouncedDeployment;
  serving: Link | null;
  /** Not null exactly while the announced deployment has not been ready yet. */
  successor: Link | null;
}

// One connection each: ten times the largest fleet seen. More is a broken orchestrator.
const modelsMax = 10_000;

export function createFleet(options: FleetOptions, { log }: { log: Log }): Fleet {
  return new ModelFleet(options, log);
}

class ModelFleet implements Fleet {
  readonly #options: FleetOptions;
  readonly #log: Log;
  readonly #setupRequest: Uint8Array;
  readonly #transport: Transport;
  readonly #orchestrator: OrchestratorClient;
  readonly #lanes: HistoryLanes = createHistoryLanes();
  readonly #members = new Map<string, Member>();
  readonly #questions = new Set<OpenQuestion>();
  #cluster: Cluster = new Map();
  #readyIds: readonly string[] | null = null;
  #wantedUpTo = Number.NEGATIVE_INFINITY;
  /** How many mailboxes of a model are at work: two while a retired one finishes. */
  readonly #busy = new Map<string, number>();
  readonly #idleWaiters = new Set<() => void>();
  #ignored = 0;
  #isStopped = false;

  constructor(options: FleetOptions, log: Log) {
    const { orchestratorUrl, crunchId, className, answerMaxBytes, threads = 2 } = options;
    this.#options = options;
    this.#log = log;
    this.#setupRequest = encodeSetup(className);
    this.#transport = createTransport({ threads, answerMaxBytes, log });
    this.#orchestrator = new OrchestratorClient({
      url: `${orchestratorUrl.replace(/\/+$/, '')}/${crunchId}`,
      log,
      onMessage: (text) => this.#onMessage(text),
    });
  }

  async start(): Promise<void> {
    this.#orchestrator.start();
  }

  tick(upTo: number): void {
    if (upTo <= this.#wantedUpTo) return;
    this.#wantedUpTo = upTo;
    for (const { serving } of this.#members.values()) serving?.tick(upTo);
  }

  async ask(
    modelIds: readonly string[],
    request: Uint8Array,
    timeoutMs: number,
  ): Promise<ReadonlyMap<string, CallOutcome>> {
    const question = askAll(modelIds, request, timeoutMs, {
      linkOf: (modelId) => {
        const serving = this.#members.get(modelId)?.serving;
        return serving?.isReady ? serving : undefined;
      },
      release: (heldBytes) => this.#transport.release(heldBytes),
    });
    this.#questions.add(question);
    try {
      return await question.outcomes;
    } finally {
      this.#questions.delete(question);
    }
  }

  idle({
    except,
    timeoutMs,
    signal,
  }: {
    readonly except?: ReadonlySet<string>;
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal;
  } = {}): Promise<readonly string[]> {
    const late = () => [...this.#busy.keys()].filter((modelId) => !except?.has(modelId)).sort();
    if (late().length === 0 || signal?.aborted) return Promise.resolve(late());
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', finish);
        this.#idleWaiters.delete(look);
        resolve(late());
      };
      const look = () => {
        if (late().length === 0) finish();
      };
      const timer = timeoutMs === undefined ? undefined : setTimeout(finish, timeoutMs);
      signal?.addEventListener('abort', finish, { once: true });
      this.#idleWaiters.add(look);
    });
  }

  ready(): readonly string[] {
    this.#readyIds ??= [...this.#members].flatMap(([id, { serving }]) => (serving?.isReady ? [id] : [])).sort();
    return this.#readyIds;
  }

  health(): FleetHealth {
    let queuedCalls = 0;
    for (const { serving } of this.#members.values()) queuedCalls += serving?.queuedCalls ?? 0;
    return {
      orchestratorConnected: this.#orchestrator.isConnected,
      announced: this.#cluster.size,
      ready: this.ready().length,
      queuedCalls,
      inFlightBytes: this.#transport.inFlightBytes(),
      ignoredMessages: this.#ignored,
    };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#orchestrator.stop();
    for (const question of this.#questions) question.interrupt();
    for (const { serving, successor } of this.#members.values()) {
      serving?.close('the coordinator is stopping');
      successor?.close('the coordinator is stopping');
    }
    this.#members.clear();
    this.#readyIds = null;
    await this.#transport.stop();
  }

  #onMessage(text: string): void {
    if (this.#isStopped) return;
    const announcement = parseAnnouncement(text);
    this.#count(announcement === null ? 1 : announcement.ignored, text);
    if (announcement === null) return;
    const { cluster, changes } = applyAnnouncement(this.#cluster, announcement);
    this.#cluster = cluster;
    for (const change of changes) this.#carryOut(change);
  }

  #carryOut(change: ClusterChange): void {
    if (change.type === 'removed') this.#remove(change.modelId);
    else if (change.type === 'renamed') this.#rename(change.deployment);
    else this.#deploy(change.deployment);
  }

  #deploy(deployment: AnnouncedDeployment): void {
    const { modelId } = deployment;
    let member = this.#members.get(modelId);
    if (member === undefined) {
      if (this.#members.size >= modelsMax) {
        this.#log.error({ modelId, modelsMax }, 'too many models are announced; this one is left out');
        return;
      }
      member = { deployment, serving: null, successor: null };
      this.#members.set(modelId, member);
      this.#options.onEvent({ type: 'announced', model: toAnnounced(deployment) });
    }
    member.deployment = deployment;
    member.successor?.close('replaced before it was ready');
    member.successor = null;
    if (member.serving !== null && isSameRun(member.serving.deployment, deployment)) return; // back to the old one
    if (member.serving?.isReady === false) {
      member.serving.close('replaced while it was away');
      member.serving = null;
    }
    member.successor = this.#startLink(deployment);
  }

  #rename(deployment: AnnouncedDeployment): void {
    const member = this.#members.get(deployment.modelId);
    if (member === undefined) return;
    member.deployment = deployment;
    this.#options.onEvent({ type: 'announced', model: toAnnounced(deployment) });
  }

  #remove(modelId: string): void {
    const member = this.#members.get(modelId);
    if (member === undefined) return;
    const wasReady = member.serving?.isReady === true;
    this.#members.delete(modelId);
    this.#readyIds = null;
    member.serving?.close('the model was stopped');
    member.successor?.close('the model was stopped');
    if (wasReady) this.#options.onEvent({ type: 'gone', modelId, reason: 'stopped' });
  }

  #startLink(deployment: AnnouncedDeployment): Link {
    const { setupTimeoutMs, tickTimeoutMs, tickRequests } = this.#options;
    const link = new Link({
      deployment,
      setupRequest: this.#setupRequest,
      setupTimeoutMs,
      tickTimeoutMs,
      tickRequests,
      transport: this.#transport,
      lanes: this.#lanes,
      log: this.#log,
      wantedUpTo: () => this.#wantedUpTo,
      onReady: (ready) => this.#onReady(ready),
      onLost: (lost, reason) => this.#onLost(lost, reason),
      onBusy: (isBusy) => this.#onBusy(deployment.modelId, isBusy),
    });
    link.start();
    return link;
  }

  #onReady(link: Link): void {
    const member = this.#members.get(link.deployment.modelId);
    if (member === undefined) return;
    this.#readyIds = null;
    if (member.successor === link) {
      const waiting = member.serving?.retire() ?? [];
      member.serving = link;
      member.successor = null;
      for (const ask of waiting) link.ask(ask);
    }
    const { deploymentId } = link.deployment;
    this.#options.onEvent({ type: 'ready', model: { ...toAnnounced(member.deployment), deploymentId } });
  }

  #onLost(link: Link, reason: string): void {
    const { modelId } = link.deployment;
    const member = this.#members.get(modelId);
    if (member?.serving !== link) return;
    this.#readyIds = null;
    if (member.successor !== null) {
      member.serving = null; // the old deployment has gone before the new one was ready
      link.close('replaced');
    }
    this.#options.onEvent({ type: 'gone', modelId, reason });
  }

  #onBusy(modelId: string, isBusy: boolean): void {
    const busy = (this.#busy.get(modelId) ?? 0) + (isBusy ? 1 : -1);
    if (busy > 0) this.#busy.set(modelId, busy);
    else this.#busy.delete(modelId);
    if (!isBusy) for (const look of [...this.#idleWaiters]) look();
  }

  /** What strangers send in masses must not fill the log: the 1st, 10th, 100th … is said. */
  #count(ignored: number, text: string): void {
    if (ignored === 0) return;
    const before = this.#ignored;
    this.#ignored += ignored;
    if (Math.floor(Math.log10(before || 0.1)) === Math.floor(Math.log10(this.#ignored))) return;
    const fields = { ignored: this.#ignored, begins: text.slice(0, 200) };
    this.#log.warn(fields, 'cannot understand all that the orchestrator says');
  }
}

function toAnnounced({ modelId, deploymentId, names }: AnnouncedDeployment): Announced {
  return { modelId, deploymentId, ...names };
}
