// One `condor predict` as a real process, with a real database, a stub orchestrator, nine honest models and
// whoever is to disturb them.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { mixtureAnswer } from '../../src/fleet/testing/answers.ts';
import { type StubState, stubOrchestrator } from '../../src/fleet/testing/stub-orchestrator.ts';
import { afterwards, type Cleanup, type Condor, startCondor } from './condor.ts';
import { connectTo } from './database.ts';
import { eventually } from './eventually.ts';
import type { HostileGame } from './hostile-game.ts';
import { type ModelReport, type Models, type PlainStub, startModels } from './hostile-models.ts';
import { packageRoot } from './package-root.ts';

export const honestIds: readonly string[] = Array.from({ length: 9 }, (_, i) => `honest-${i}`);
export const gameFile: string = join(packageRoot, 'dist', 'test', 'lib', 'hostile-game.js');

export interface ArenaOptions {
  /** What predict is given. */
  readonly databaseUrl: string;
  /** Where the test looks, when predict goes through something that may be broken. */
  readonly lookUrl?: () => string;
  readonly game?: HostileGame;
  /** Id → how it goes wrong. Each has a process of its own. */
  readonly offenders?: Readonly<Record<string, PlainStub>>;
  /** Text of an honest answer, for each of the nine. */
  readonly answers?: (index: number) => string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Arena {
  predict: Condor;
  /** Rows of the competition's database. */
  query<Row extends pg.QueryResultRow>(statement: string, values?: unknown[]): Promise<Row[]>;
  readonly orchestrator: Orchestrator;
  readonly answers: readonly string[];
  readonly honest: Models;
  /** The process of an offender, in which it is number 0. */
  offender(modelId: string): Models;
  /** What an honest model saw. */
  reportOf(index: number): Promise<ModelReport>;
  rounds(): Promise<readonly RoundRow[]>;
  /** Resolves when at least `count` rounds that all nine belong to have their answers, with all of them. */
  closedRounds(count: number, seconds: number): Promise<readonly RoundRow[]>;
  /** Starts predict again, after it has ended. */
  restart(): void;
  /** Most memory predict has used so far, MiB. */
  peakMiB(): number;
  /** What predict has logged. */
  logged(): readonly LogLine[];
}

export interface Orchestrator {
  /** Announces one model at a port; a deployment id of its own makes it a redeployment. */
  announce(modelId: string, port: number, deploymentId?: string): void;
  stop(modelId: string): void;
}

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface RoundRow {
  readonly roundId: string;
  readonly profile: string;
  readonly asset: string;
  readonly startedAt: number;
  readonly askedAt: number;
  readonly isClosed: boolean;
  readonly fault: string | null;
  readonly memberIds: readonly string[];
  readonly predictions: readonly PredictionRow[];
}

export interface PredictionRow {
  readonly modelId: string;
  readonly status: string;
  readonly cause: string | null;
  readonly detail: string | null;
  readonly deploymentId: string | null;
  /** From asked to answered, seconds; null without an answer. */
  readonly tookSeconds: number | null;
  readonly latencyUs: number | null;
  readonly queuedUs: number | null;
  readonly variantType: string | null;
  readonly codec: string | null;
  readonly payload: Uint8Array | null;
}

/** Starts everything; nothing is waited for but that it listens. */
export async function startArena(t: Cleanup, options: ArenaOptions): Promise<Arena> {
  const { databaseUrl, lookUrl = () => databaseUrl, game = {}, offenders = {}, env = {} } = options;
  const { answers: answerOf = distinctAnswer } = options;
  const answers = honestIds.map((_, index) => answerOf(index));
  const stub = await stubOrchestrator();
  afterwards(t, () => stub.close());
  const announced = new Map<string, StubState>();
  const honest = await startModelsFor(t);
  for (const [index, model_id] of honestIds.entries()) {
    const { port } = await honest.start({ answer: answers[index] as string });
    announced.set(model_id, { model_id, port });
  }
  const processes = new Map<string, Models>();
  for (const [model_id, behaviour] of Object.entries(offenders)) {
    const models = await startModelsFor(t);
    announced.set(model_id, { model_id, port: (await models.start(behaviour)).port });
    processes.set(model_id, models);
  }
  stub.init([...announced.values()]);
  const query = querying(t, lookUrl);
  const start = () =>
    startCondor(t, {
      args: ['predict'],
      env: {
        DATABASE_URL: databaseUrl,
        CONDOR_GAME: gameFile,
        CONDOR_PRICES: 'simulated',
        CONDOR_SEED: '7',
        CONDOR_ORCHESTRATOR_URL: stub.url,
        CONDOR_LOG_FORMAT: 'json',
        HOSTILE_GAME: JSON.stringify(game),
        ...env,
      },
    });
  const say = (change: StubState) => {
    announced.set(change.model_id, change);
    stub.init([...announced.values()], { send: false });
    stub.update([change]);
  };
  const arena: Arena = {
    predict: start(),
    query,
    answers,
    honest,
    orchestrator: {
      announce: (model_id, port, deployment_id = `${model_id}-1`) => say({ model_id, port, deployment_id }),
      stop(model_id) {
        say({ ...(announced.get(model_id) ?? { model_id }), state: 'STOPPED' });
      },
    },
    offender(modelId) {
      const models = processes.get(modelId);
      if (models === undefined) throw new Error(`Cannot find offender "${modelId}"`);
      return models;
    },
    reportOf: (index) => honest.report(index),
    rounds: () => readRounds(query),
    closedRounds: (count, seconds) =>
      eventually(
        `${count} rounds of all nine are closed`,
        seconds,
        async () => {
          if ((await countWhole(query)) < count) return null;
          return await readRounds(query);
        },
        () => arena.predict.tail(),
      ),
    restart() {
      arena.predict = start();
    },
    peakMiB: () => peakMiB(arena.predict.pid),
    logged: () => arena.predict.lines.flatMap(parseLine),
  };
  return arena;
}

async function startModelsFor(t: Cleanup): Promise<Models> {
  const models = await startModels();
  afterwards(t, () => models.close());
  return models;
}

/** 53 KB of valid densities that no other model sends. */
export function distinctAnswer(index: number): string {
  return mixtureAnswer().replaceAll('"scale":0.001', `"scale":0.00${index + 1}`);
}

/** One connection, made again after it was lost. */
function querying(t: Cleanup, url: () => string): Arena['query'] {
  let client: pg.Client | null = null;
  afterwards(t, () => client?.end().catch(() => {}));
  return async <Row extends pg.QueryResultRow>(statement: string, values: unknown[] = []) => {
    client ??= await connectTo(url());
    try {
      return (await client.query<Row>(statement, values)).rows;
    } catch (error) {
      client.end().catch(() => {});
      client = null;
      throw error;
    }
  };
}

async function countWhole(query: Arena['query']): Promise<number> {
  const [row] = await query<{ count: string }>(
    'select count(*) from rounds where closed_at is not null and member_ids @> $1',
    [honestIds],
  );
  return Number(row?.count);
}

async function readRounds(query: Arena['query']): Promise<readonly RoundRow[]> {
  const rounds = await query<Omit<RoundRow, 'predictions'>>(
    `select round_id as "roundId", profile, asset, extract(epoch from started_at)::float8 as "startedAt",
       extract(epoch from asked_at)::float8 as "askedAt", closed_at is not null as "isClosed", fault,
       member_ids as "memberIds"
     from rounds order by started_at, round_id`,
  );
  const predictions = await query<PredictionRow & { roundId: string }>(
    `select round_id as "roundId", model_id as "modelId", status, cause, detail, deployment_id as "deploymentId",
       extract(epoch from answered_at - asked_at)::float8 as "tookSeconds", latency_us::float8 as "latencyUs",
       queued_us::float8 as "queuedUs", variant_type as "variantType", codec, payload
     from predictions order by model_id`,
  );
  return rounds.map((round) => ({
    ...round,
    predictions: predictions.filter(({ roundId }) => roundId === round.roundId),
  }));
}

function peakMiB(pid: number): number {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

function parseLine(line: string): readonly LogLine[] {
  try {
    return [JSON.parse(line) as LogLine];
  } catch {
    return []; // what Node itself prints
  }
}
