// The commands that look back: how one score came about, and what ranks another rule would give. They need the
// database and a game, and work beside the workers.

import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { readConfig } from '../config.ts';
import type { Competition } from '../domain/clock.ts';
import { gameVersion } from '../domain/version.ts';
import { createLog } from '../lib/log.ts';
import { loadGame } from '../load-game.ts';
import { nameMax, publicName, publicText } from '../report/public-text.ts';
import { explainScore } from '../score/explain.ts';
import { compareRanks, planRescore, type RankChange, runRescore } from '../score/rescore.ts';
import { createScoringThreads } from '../score/threads.ts';
import { createGameVersions, type GameVersions } from '../score/versions.ts';
import { openDatabase } from '../storage/connect.ts';
import { runningEmbedded } from '../storage/embedded.ts';
import { requireSchema } from '../storage/migrate.ts';
import { createPostgresRepositories, type Repositories } from '../storage/repositories.ts';
import { textTable } from './text-table.ts';

/** `condor score --explain ROUND MODEL`. @throws Error with a sentence for whoever typed it. */
export async function explain(
  roundId: string,
  modelId: string | undefined,
  { dataDir }: { readonly dataDir?: string | undefined },
): Promise<void> {
  if (modelId === undefined) {
    throw new Error(`Cannot explain round "${roundId}": whose score? Write condor score --explain ROUND MODEL`);
  }
  await withPast({ dataDir }, async (past) => {
    const { history, prices } = past.repositories;
    for (const line of await explainScore({ ...past, history, prices }, roundId, modelId)) say(line);
  });
}

const instant = z.iso.datetime({ offset: true }).transform((value) => Date.parse(value) / 1000);
const rescoreFlags = z.object({
  game: z.string().optional(),
  rule: z.string().optional(),
  from: instant.optional(),
  to: instant.optional(),
  restart: z.boolean().default(false),
  json: z.string().optional(),
  dataDir: z.string().optional(),
});

/** `condor rescore`. SIGINT and SIGTERM stop it; the same command goes on. @throws Error with a sentence. */
export async function rescore(given: unknown): Promise<void> {
  const parsed = rescoreFlags.safeParse(given);
  if (!parsed.success) {
    const complaints = parsed.error.issues.map(({ path, message }) => `--${path.join('.')}: ${message}`);
    throw new Error(`Cannot rescore: ${complaints.join('; ')}`);
  }
  const flags = parsed.data;
  await withPast(flags, async (past) => {
    const { versions, repositories, gameName } = past;
    const { game } = versions.own;
    const { settlements, rescores, prices, board, report } = repositories;
    const to = flags.to ?? (await board.passedUntil());
    if (to === null) throw new Error('Cannot rescore: no board has been published yet; --to names an instant');
    const longest = Math.max(...game.windows.map(({ seconds }) => seconds));
    const plan = planRescore(versions, {
      ruleName: flags.rule ?? game.rule.name,
      from: flags.from ?? to - longest,
      to,
    });
    if (flags.restart) await rescores.drop(plan.rescoreId);
    const stopping = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());
    say(
      `Rescoring ${iso(plan.from)} to ${iso(plan.to)} under ${plan.ruleName} ${plan.ruleVersion} (${plan.rescoreId})`,
    );
    const config = readConfig();
    const log = createLog('rescore', { level: config.CONDOR_LOG_LEVEL, format: config.CONDOR_LOG_FORMAT });
    const threads = createScoringThreads({ game: gameName, threads: config.CONDOR_SCORE_THREADS, log });
    try {
      const deps = { ...past, settlements, rescores, prices, threads };
      const { done, total, refused } = await runRescore(deps, plan, showProgress, stopping.signal);
      if (done < total) return say(`Stopped after ${done} of ${total} rounds; the same command goes on from there`);
      if (total === 0) return say('No round settled in that span.');
      if (refused > 0) say(`${refused} of ${total} rounds could not be scored, and count on neither side`);
      const changes = await compareRanks(deps, plan);
      const names = new Map((await report.models()).map(({ modelId, modelName }) => [modelId, modelName]));
      say(rankTable(changes, names));
      if (flags.json !== undefined) {
        await writeFile(
          flags.json,
          `${JSON.stringify({ ...plan, rounds: total, refused, ranks: changes }, null, 2)}\n`,
        );
      }
    } finally {
      await threads.close();
    }
  });
}

interface Past {
  readonly competition: Competition;
  readonly versions: GameVersions;
  readonly repositories: Repositories;
  /** Name or path, for the threads to load. */
  readonly gameName: string;
}

/** Opens the database and the game, runs `work`, closes. */
async function withPast(
  { game: gameFlag, dataDir }: { readonly game?: string | undefined; readonly dataDir?: string | undefined },
  work: (past: Past) => Promise<void>,
): Promise<void> {
  const config = readConfig();
  const gameName = gameFlag ?? config.CONDOR_GAME;
  const game = await loadGame(gameName);
  const folder = resolve(dataDir ?? join(config.dataDir, game.name));
  const url = config.DATABASE_URL ?? (await runningEmbedded({ dataDir: folder }));
  if (url === null) {
    throw new Error(
      `Cannot look back: DATABASE_URL is not set, and no database runs in "${folder}"; start "condor up", or name its folder with --data-dir`,
    );
  }
  const db = openDatabase(url, { role: 'condor_score', applicationName: 'condor look back', maxConnections: 4 });
  try {
    await requireSchema(db);
    const repositories = createPostgresRepositories(db);
    const current = await repositories.settlements.competition();
    if (current === null) throw new Error('Cannot look back: the database has no competition yet');
    const { competition } = current;
    if (competition.game !== game.name) {
      throw new Error(`Cannot look back with game "${game.name}": the database is of "${competition.game}"`);
    }
    const own = { game, gameVersion: gameVersion(game).id };
    const versions = createGameVersions(own, (id) => repositories.settlements.gameVersion(id));
    await work({ competition, versions, repositories, gameName });
  } finally {
    await db.close();
  }
}

function showProgress({ done, total }: { readonly done: number; readonly total: number }): void {
  const share = total === 0 ? 100 : Math.floor((100 * done) / total);
  if (process.stderr.isTTY)
    process.stderr.write(`\r${done} of ${total} rounds (${share} %) ${done === total ? '\n' : ''}`);
  else process.stderr.write(`${done} of ${total} rounds (${share} %)\n`);
}

/** In the order of the new ranks. */
function rankTable(changes: readonly RankChange[], names: ReadonlyMap<string, string>): string {
  const mean = (value: number | null) => (value === null ? '–' : value.toPrecision(6));
  const cells = changes.map(({ modelId, before, after }) => {
    const moved = before.rank - after.rank;
    const change = moved === 0 ? '=' : moved > 0 ? `up ${moved}` : `down ${-moved}`;
    const name = publicName(names.get(modelId) ?? '', '–');
    return [
      publicText(modelId, nameMax),
      name,
      String(before.rank),
      mean(before.mean),
      String(after.rank),
      mean(after.mean),
      change,
    ];
  });
  const all = [['model', 'name', 'rank', 'mean', 'would be', 'mean', 'change'], ...cells];
  const moved = changes.filter(({ before, after }) => before.rank !== after.rank).length;
  return `${textTable(all)}\n${moved} of ${changes.length} ranks would change`;
}

function iso(at: number): string {
  return new Date(at * 1000).toISOString().replace('.000Z', 'Z');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
