// The end of a bounded run: waits until predict has ended market time and score has published its last
// board, then gives that board as a table for people and as a file for programs.

import type { BoardRule } from '../domain/board.ts';
import { sleep, wallNow } from '../lib/clock.ts';
import { boardFile, leaderboardRows } from '../report/leaderboard-rows.ts';
import { isWorthRetrying, openDatabase } from '../storage/connect.ts';
import { createReportRepository } from '../storage/postgres/report.ts';
import { textTable } from './text-table.ts';

export interface FinalBoard {
  readonly table: string;
  readonly file: string;
}

const pollMs = 100;

/** Null when `signal` aborts first. */
export async function finalBoard(databaseUrl: string, signal: AbortSignal): Promise<FinalBoard | null> {
  const db = openDatabase(databaseUrl, { role: 'condor_report', applicationName: 'condor up', maxConnections: 1 });
  const repository = createReportRepository(db);
  const startedAt = wallNow();
  try {
    while (!signal.aborted) {
      // A database that is starting again is waited for, as everybody does.
      const stats = await repository.stats().catch((error: unknown) => {
        if (isWorthRetrying(error)) return null;
        throw error;
      });
      if (stats === null) {
        await sleep(pollMs, signal);
        continue;
      }
      const { clock, competition, passedUntil } = stats;
      const every = competition?.boardEverySeconds ?? 1;
      const isOver = clock?.mode === 'ended' && passedUntil === Math.floor(clock.now / every) * every;
      const newest = isOver ? await repository.leaderboard() : null;
      if (newest) {
        const { leaderboard, models } = newest;
        return {
          table: table(leaderboardRows(leaderboard, models), leaderboard.rule, wallNow() - startedAt),
          file: boardFile(leaderboard, models),
        };
      }
      await sleep(pollMs, signal);
    }
    return null;
  } finally {
    await db.close();
  }
}

function table(rows: ReturnType<typeof leaderboardRows>, { note }: BoardRule, tookSeconds: number): string {
  const points = (value: number | null) => (value === null ? '–' : value.toFixed(3));
  const cells = rows.map((row) => [
    String(row.rank),
    row.model_name,
    row.cruncher_name,
    points(row.score_recent),
    points(row.score_steady),
    points(row.score_anchor),
  ]);
  const all = [['rank', 'model', 'cruncher', 'recent', 'steady', 'anchor'], ...cells];
  const remark = note === null ? '' : `\n${note}`;
  return `${textTable(all)}\n(points: higher is better; played in ${tookSeconds.toFixed(0)} s)${remark}`;
}
