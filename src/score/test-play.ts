// Plays the test scenario against repositories: predict writes ahead, workers turn, and now and then one is
// killed between two steps. Whatever happens on the way, what comes out must not differ.

import { setTimeout as pause } from 'node:timers/promises';
import type { BoardRepository, JournalEntry, PredictRepository, ReportRepository } from '../domain/repositories.ts';
import { gameVersion } from '../domain/version.ts';
import { silentLog } from '../lib/log.ts';
import type { Repositories } from '../storage/repositories.ts';
import { createPass, type PassDeps } from './pass.ts';
import { createSettlementPrices } from './prices.ts';
import game from './test-game.ts';
import { competition, endedAt, modelIds, scenario, startedAt } from './test-scenario.ts';
import type { ScoringThreads } from './threads.ts';
import { createGameVersions } from './versions.ts';

export interface PlayOptions {
  readonly threads: ScoringThreads;
  readonly workers: number;
  /** Most minutes that predict writes between two turns. */
  readonly aheadMax: number;
  /** Chance that a step of a worker kills it, before or after it has taken effect. */
  readonly killChance: number;
  /** Uniform in [0, 1), seeded. */
  readonly random: () => number;
}

export interface Played {
  /** Every leaderboard published, as JSON, by its instant. */
  readonly boards: Readonly<Record<number, string>>;
  /** All snapshots, and all scores of every model. */
  readonly rows: string;
  readonly kills: number;
}

export const own = { game, gameVersion: gameVersion(game).id };

const turnsMax = 5_000;

export async function play(repositories: Repositories, options: PlayOptions): Promise<Played> {
  const { random, workers, aheadMax } = options;
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  await repositories.predict.openCompetition(competition);
  await repositories.predict.saveGameVersion(own.gameVersion, gameVersion(game).data);
  const batches = [...scenario()];
  const boards: Record<number, string> = {};
  let kills = 0;
  const hire = () =>
    createWorker(repositories, options, (asOf, board) => {
      boards[asOf] = board;
    });
  const crew = Array.from({ length: workers }, hire);
  for (let turn = 0; batches.length > 0 || (await repositories.board.passedUntil()) !== endedAt; turn++) {
    if (turn === turnsMax)
      throw new Error(`Cannot finish the play: ${batches.length} minutes left after ${turn} turns`);
    const written = writeAll(repositories.predict, batches.splice(0, between(aheadMax === 1 ? 1 : 0, aheadMax)));
    if (aheadMax === 1) await written;
    const turning = crew.map(async (worker, i) => {
      if (workers > 1 && random() < 0.3) return;
      await worker().catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
        kills++;
        crew[i] = hire();
      });
    });
    await Promise.all([written, ...turning]);
    if (kills > 0) await pause(leaseSeconds * 1000); // what the dead have claimed
  }
  return { boards, rows: await readRows(repositories.report), kills };
}

export const leaseSeconds = 0.02;

class Killed extends Error {}

/** A worker with nothing remembered; call it for one turn. */
function createWorker(
  repositories: Repositories,
  { threads, killChance, random }: PlayOptions,
  onBoard: (asOf: number, board: string) => void,
): () => Promise<unknown> {
  const mortal = <T extends object>(repository: T) => makeMortal(repository, killChance, random);
  const settlements = mortal(repositories.settlements);
  const boards = mortal(recording(repositories.board, onBoard));
  const { signal } = new AbortController();
  const prices = createSettlementPrices({
    prices: mortal(repositories.prices),
    source: 'simulated',
    candleSeconds: game.candleSeconds,
    log: silentLog,
    signal,
  });
  let wall = 0;
  const limits: PassDeps['limits'] = {
    page: 1 + Math.floor(random() * 40),
    batchRounds: 1 + Math.floor(random() * 10),
    batchPredictions: 1 + Math.floor(random() * 60),
    leaseSeconds,
  };
  const pass = createPass({
    versions: createGameVersions(own, (gameVersion) => settlements.gameVersion(gameVersion)),
    settlements,
    boards,
    prices,
    threads,
    log: silentLog,
    alarm: () => {},
    token: () => `${random()}`,
    limits,
    wall: () => {
      wall += random();
      return wall;
    },
  });
  return async () => {
    const current = await settlements.competition();
    return current && (await pass(current, signal));
  };
}

/** Each call may throw `Killed`, before it does anything or after it has done all. */
function makeMortal<T extends object>(repository: T, chance: number, random: () => number): T {
  return new Proxy(repository, {
    get(target, name) {
      const method = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown> & AsyncIterable<unknown>;
      if (name === 'predictions') {
        return async function* pages(...args: unknown[]) {
          if (random() < chance / 2) throw new Killed('before predictions');
          yield* method.apply(target, args);
          if (random() < chance / 2) throw new Killed('after predictions');
        };
      }
      return async (...args: unknown[]) => {
        if (random() < chance / 2) throw new Killed(`before ${String(name)}`);
        const result = await method.apply(target, args);
        if (random() < chance / 2) throw new Killed(`after ${String(name)}`);
        return result;
      };
    },
  });
}

function recording(boards: BoardRepository, onBoard: (asOf: number, board: string) => void): BoardRepository {
  return {
    passedUntil: () => boards.passedUntil(),
    compareWindows: (asOf) => boards.compareWindows(asOf),
    async publish(asOf, options) {
      let built = '';
      const build: typeof options.build = (input) => {
        const leaderboard = options.build(input);
        built = JSON.stringify(leaderboard);
        return leaderboard;
      };
      const isDone = await boards.publish(asOf, { ...options, build });
      if (isDone) onBoard(asOf, built);
      return isDone;
    },
  };
}

async function writeAll(predict: PredictRepository, batches: readonly (readonly JournalEntry[])[]): Promise<void> {
  for (const batch of batches) await predict.write(batch);
}

/** What a report would show: snapshots, scores and the last leaderboard, as JSON. */
export async function readRows(report: ReportRepository): Promise<string> {
  const snapshots = await report.snapshots(null, startedAt, endedAt, 10_000);
  const scores = await Promise.all(modelIds.map((modelId) => report.predictions(modelId, startedAt, endedAt, 10_000)));
  return JSON.stringify({ snapshots, scores, last: await report.leaderboard() });
}

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
