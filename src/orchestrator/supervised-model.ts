// One model of the models file and its process.
//
// What is wanted (an entry and its code, or nothing) comes from outside; one loop brings what runs in line
// with it. States: `stopped` (nothing wanted), `starting` (no deployment yet), `running`, `waiting` (a
// deployment died or would not start; tried again after a while), `refused` (reported as not implementing
// what is asked: only another entry or other code is tried). While new code starts, the old deployment
// stays: the new one is announced RUNNING, and the old one STOPPED only a moment later.

import { sleep } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { infosOf, type ModelState } from './announcement.ts';
import type { ModelEntry } from './models-file.ts';
import type { FailureReport } from './report.ts';
import type { RunnerProcess } from './runner-process.ts';
import type { Submission } from './submission.ts';

export interface SupervisedState {
  readonly modelId: string;
  readonly crunchId: string;
  readonly state: 'stopped' | 'starting' | 'running' | 'waiting' | 'refused';
  /** Of the deployment that is announced; null while there is none. */
  readonly deploymentId: string | null;
  readonly port: number | null;
  readonly pid: number | null;
  /** Starts in a row that came to a bad end. */
  readonly failures: number;
}

export interface SupervisedModelOptions {
  readonly log: Log;
  /** Host that announcements name. */
  readonly ip: string;
  /** How long an old deployment stays after the new one is announced, so that coordinators change over. */
  readonly handoverMs: number;
  readonly start: (path: string, signal: AbortSignal) => Promise<RunnerProcess>;
  readonly announce: (state: ModelState) => void;
  readonly deploymentId: (modelId: string) => string;
}

/** What shall run. */
export interface Wanted {
  readonly entry: ModelEntry;
  readonly submission: Submission;
}

interface Deployment {
  readonly id: string;
  readonly version: string;
  readonly process: RunnerProcess;
  readonly startedAt: number;
  readonly announced: ModelState;
}

/** Restarts of a failing model: half a second, doubled each time up to half a minute. */
const backoffMinMs = 500;
const backoffMaxMs = 30_000;

/** A deployment that has lived this long has not failed at once: the next restart is quick again. */
const settledMs = 60_000;

/** A report that names no deployment may mean the one before, while that is not gone longer than this. */
const ambiguousMs = 5000;

export class SupervisedModel {
  readonly #options: SupervisedModelOptions;
  #entry: ModelEntry;
  #wanted: Wanted | null = null;
  #current: Deployment | null = null;
  readonly #retiring = new Set<Promise<void>>();
  readonly #stopping = new AbortController();
  #wake: () => void = () => {};
  #isStarting = false;
  #failures = 0;
  #retryAt = 0;
  #refusedVersion: string | null = null;
  #replacedAt = Number.NEGATIVE_INFINITY;
  readonly #loop: Promise<void>;

  constructor(entry: ModelEntry, options: SupervisedModelOptions) {
    this.#entry = entry;
    this.#options = options;
    this.#loop = this.#run();
  }

  /** What shall run from now on; null for nothing. */
  want(entry: ModelEntry, wanted: Wanted | null): void {
    const before = this.#wanted && versionOf(this.#wanted);
    const after = wanted && versionOf(wanted);
    this.#entry = entry;
    this.#wanted = wanted;
    if (before !== after) {
      this.#failures = 0;
      this.#retryAt = 0;
      this.#wake();
    } else if (this.#current && wanted) {
      // The same code under other names: told again, at the same address.
      const infos = infosOf(entry);
      if (JSON.stringify(infos) === JSON.stringify(this.#current.announced.infos)) return;
      const announced = { ...this.#current.announced, infos };
      this.#current = { ...this.#current, announced };
      this.#options.announce(announced);
    }
  }

  /** The announcement of the deployment that runs; null while there is none. */
  announced(): ModelState | null {
    return this.#current?.announced ?? null;
  }

  state(): SupervisedState {
    return {
      modelId: this.#entry.id,
      crunchId: this.#entry.crunchId,
      state: this.#stateName(),
      deploymentId: this.#current?.id ?? null,
      port: this.#current?.process.port ?? null,
      pid: this.#current?.process.pid ?? null,
      failures: this.#failures,
    };
  }

  /**
   * A coordinator says this model failed. A model that does not implement what is asked stays down until it
   * changes; one that was too slow or broke is ended and started again.
   */
  report(report: FailureReport): void {
    const { log } = this.#options;
    const { failureCode: code, failureReason: reason } = report;
    const current = this.#current;
    const objection = current ? this.#objectionTo(report, current) : 'the model does not run';
    if (!current || objection !== null) {
      log.warn({ code }, `Ignored a failure report: ${objection}`);
      return;
    }
    const isFinal = !['CONNECTION_FAILED', 'MULTIPLE_FAILED', 'MULTIPLE_TIMEOUT'].includes(code);
    const next = isFinal ? 'it stays down until its code or entry changes' : 'it is started again';
    log.warn({ code, reason }, `A coordinator reports a failure: ${next}`);
    if (isFinal) this.#refusedVersion = current.version;
    this.#retire(current, 0);
    this.#failed(current);
    this.#wake();
  }

  /** Why a report does not mean the deployment that runs now; null when it does. */
  #objectionTo({ ip, deploymentId, port }: FailureReport, current: Deployment): string | null {
    if (ip !== current.announced.ip) return 'it names another address';
    if (deploymentId !== null && deploymentId !== current.id) return 'it names another deployment';
    if (port !== null && port !== current.process.port) return 'it names another port';
    const isAmbiguous = deploymentId === null && port === null && performance.now() - this.#replacedAt < ambiguousMs;
    return isAmbiguous ? 'it may mean the deployment before' : null;
  }

  /** Ends every process of the model. Resolves when they are gone. */
  async stop(): Promise<void> {
    this.#wanted = null;
    this.#stopping.abort();
    this.#wake();
    await this.#loop;
    await Promise.all(this.#retiring);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const changed = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      const wanted = this.#wanted;
      const version = wanted && versionOf(wanted);
      const waitMs = this.#retryAt - performance.now();
      if (!wanted) {
        if (this.#current) this.#retire(this.#current, 0);
        await changed;
      } else if (this.#current?.version === version || this.#refusedVersion === version) {
        await changed;
      } else if (waitMs > 0) {
        await wait(waitMs, changed);
      } else {
        await this.#startNext(wanted, signal);
      }
    }
    if (this.#current) this.#retire(this.#current, 0);
  }

  async #startNext(wanted: Wanted, signal: AbortSignal): Promise<void> {
    const { log, announce, handoverMs } = this.#options;
    this.#isStarting = true;
    try {
      const process = await this.#options.start(wanted.submission.path, signal);
      if (signal.aborted || !this.#wanted || versionOf(this.#wanted) !== versionOf(wanted)) {
        await process.end(); // something else is wanted by now
        return;
      }
      const before = this.#current;
      const id = this.#options.deploymentId(wanted.entry.id);
      const announced: ModelState = {
        deployment_id: id,
        model_id: wanted.entry.id,
        infos: infosOf(this.#wanted.entry),
        state: 'RUNNING',
        ip: this.#options.ip,
        port: process.port,
      };
      const next = { id, version: versionOf(wanted), process, startedAt: performance.now(), announced };
      this.#current = next;
      this.#refusedVersion = null;
      announce(announced);
      log.info({ deployment: id, pid: process.pid, port: process.port }, before ? 'Redeployed' : 'Running');
      if (before) {
        this.#replacedAt = performance.now();
        this.#retire(before, handoverMs);
      }
      void process.exited.then((how) => this.#exited(next, how));
    } catch (error) {
      if (signal.aborted) return;
      this.#failed();
      const inSeconds = Math.round((this.#retryAt - performance.now()) / 100) / 10;
      log.error({ err: error, inSeconds }, this.#current ? 'New code does not start; the old stays' : 'Does not start');
    } finally {
      this.#isStarting = false;
    }
  }

  /** A process is gone. Only the end of the current deployment, which nobody asked for, matters here. */
  #exited(deployment: Deployment, how: string): void {
    if (this.#current?.id !== deployment.id || this.#stopping.signal.aborted) return;
    this.#retire(this.#current, 0);
    this.#failed(deployment);
    const inSeconds = Math.round((this.#retryAt - performance.now()) / 100) / 10;
    this.#options.log.error({ deployment: deployment.id, inSeconds }, `Died: ${how}; it is started again`);
    this.#wake();
  }

  /** Announces the end of a deployment, after a while if it shall, and ends its process. */
  #retire(deployment: Deployment, afterMs: number): void {
    if (this.#current?.id === deployment.id) this.#current = null;
    const ending = (async () => {
      if (afterMs > 0) await Promise.race([sleep(afterMs, this.#stopping.signal), deployment.process.exited]);
      this.#options.announce({ ...deployment.announced, state: 'STOPPED' });
      await deployment.process.end();
    })();
    this.#retiring.add(ending);
    void ending.finally(() => this.#retiring.delete(ending));
  }

  #failed(deployment?: Deployment): void {
    if (deployment && performance.now() - deployment.startedAt > settledMs) this.#failures = 0;
    this.#failures++;
    this.#retryAt = performance.now() + Math.min(backoffMaxMs, backoffMinMs * 2 ** Math.min(20, this.#failures - 1));
  }

  #stateName(): SupervisedState['state'] {
    if (this.#current) return 'running';
    if (!this.#wanted) return 'stopped';
    if (this.#refusedVersion === versionOf(this.#wanted)) return 'refused';
    return this.#isStarting || this.#failures === 0 ? 'starting' : 'waiting';
  }
}

/** What a redeployment follows from: the code and where it runs; names are not part of it. */
function versionOf({ entry, submission }: Wanted): string {
  return JSON.stringify([submission.path, submission.fingerprint, entry.resourceId, entry.hardwareType]);
}

/** Resolves after `ms` or as soon as `early` does. */
async function wait(ms: number, early: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([late, early]);
  clearTimeout(timer);
}
