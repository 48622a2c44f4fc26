// The local stand-in for the platform's Model Orchestrator: runs the models of a models file as processes
// and announces them over a WebSocket. Unlike the platform it stops a model whose entry is deleted, and
// needs no Docker: a submission is TypeScript or JavaScript for our own runner.

import { sleep } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { deploymentIds } from './deployment-id.ts';
import { limited } from './limited.ts';
import { type ModelEntry, modelsFileOf } from './models-file.ts';
import { modelsWatch } from './models-watch.ts';
import { startRunnerProcess } from './runner-process.ts';
import { startSocketServer } from './socket-server.ts';
import type { Submission } from './submission.ts';
import { SupervisedModel, type SupervisedState } from './supervised-model.ts';

export interface OrchestratorOptions {
  /** Where coordinators connect, and where models listen. */
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Holds `models.dev.yml` and the models' code. */
  readonly modelsDir: string;
  /** Crunches whose models run; entries of others are left alone. */
  readonly crunchIds: readonly string[];
  readonly log: Log;
  /** Limit of a model's heap. Default 512. */
  readonly memoryMb?: number;
  /** The whole environment of model processes. Default: nothing, and nothing of ours. */
  readonly modelEnvironment?: Readonly<Record<string, string>>;
  /** A line a model printed; bounded. Default: logged. */
  readonly onModelLine?: (modelId: string, line: string) => void;
  /** How long a replaced deployment stays. Default 3000. */
  readonly handoverMs?: number;
}

export interface Orchestrator {
  readonly port: number;
  /** Every model of the file that belongs to `crunchIds`, and those still ending. */
  models(): readonly SupervisedState[];
  /** Ends all models and closes all connections within five seconds. */
  stop(): Promise<void>;
}

/** How often the file and the code are looked at. A change acts when two looks agree: within 0.8 s. */
const lookEveryMs = 400;

/** Models that start at the same time; more would only slow each other down. */
const startsMax = 4;

/**
 * Starts to listen and to run models. A models file that can't be used is told and waited for.
 * @throws Error when the address is taken.
 */
export async function startOrchestrator(options: OrchestratorOptions): Promise<Orchestrator> {
  const { host, modelsDir, log, memoryMb = 512, modelEnvironment = {}, handoverMs = 3000 } = options;
  const onModelLine = options.onModelLine ?? ((model, line) => log.info({ model }, line));
  const path = modelsFileOf(modelsDir);
  const models = new Map<string, SupervisedModel>();
  const ending = new Set<SupervisedModel>();
  const stopping = new AbortController();
  const inTurn = limited(startsMax);
  const deploymentId = deploymentIds();
  const ip = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;

  const server = await startSocketServer({
    host,
    port: options.port,
    log,
    running: (crunchId) =>
      [...models.values()]
        .filter((model) => model.state().crunchId === crunchId)
        .flatMap((model) => model.announced() ?? []),
    onReport(crunchId, report) {
      const model = models.get(report.modelId);
      if (model?.state().crunchId === crunchId) model.report(report);
      else log.warn({ crunch: crunchId }, 'Ignored a failure report: no such model in this crunch');
    },
  });

  function supervise(entry: ModelEntry): SupervisedModel {
    return new SupervisedModel(entry, {
      log: log.child({ model: entry.id }),
      ip,
      handoverMs,
      deploymentId,
      announce: (state) => server.announce(entry.crunchId, state),
      start: (file, signal) =>
        inTurn(() =>
          startRunnerProcess(
            {
              path: file,
              host,
              memoryMb,
              environment: modelEnvironment,
              onLine: (line) => onModelLine(entry.id, line),
            },
            signal,
          ),
        ),
    });
  }

  function end(id: string, model: SupervisedModel): void {
    models.delete(id);
    ending.add(model);
    void model.stop().finally(() => ending.delete(model));
  }

  /** Brings the models in line with the entries. */
  function apply(entries: readonly ModelEntry[], submissions: ReadonlyMap<string, Submission | null>): void {
    const byId = new Map(entries.map((entry) => [entry.id, entry]));
    for (const [id, model] of models) if (byId.get(id)?.crunchId !== model.state().crunchId) end(id, model);
    for (const entry of entries) {
      let model = models.get(entry.id);
      if (!model) {
        model = supervise(entry);
        models.set(entry.id, model);
      }
      const submission = submissions.get(entry.submissionId);
      if (submission) model.want(entry, entry.desiredState === 'RUNNING' ? { entry, submission } : null);
      else if (entry.desiredState === 'STOPPED') model.want(entry, null);
    }
  }

  const look = modelsWatch({ path, modelsDir, crunchIds: new Set(options.crunchIds), log });
  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      const seen = await look();
      if (seen && !stopping.signal.aborted) apply(seen.entries, seen.submissions);
      await sleep(lookEveryMs, stopping.signal);
    }
  }
  const watching = watch();

  return {
    port: server.port,
    models: () => [...models.values(), ...ending].map((model) => model.state()),
    async stop() {
      stopping.abort();
      await watching;
      for (const [id, model] of [...models]) end(id, model);
      await Promise.all([...ending].map((model) => model.stop()));
      await server.stop();
    },
  };
}
