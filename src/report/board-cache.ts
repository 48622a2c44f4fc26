// The newest leaderboard, serialized once for all who ask. A hint (the database's notify) makes it look at
// once, a slow poll makes sure, and a request looks when nobody has for a second. While the database is
// away the last board stays.

import type { Leaderboard } from '../domain/board.ts';
import type { Game } from '../domain/game.ts';
import type { Log } from '../lib/log.ts';
import { type Body, createBody, jsonType } from './body.ts';
import { leaderboardRows, type NamedModel } from './leaderboard-rows.ts';
import type { Reads } from './reads.ts';
import { standingsView } from './standings-view.ts';

export interface BoardVersion {
  /** Null before the first board. */
  readonly leaderboard: Leaderboard | null;
  /** Differs when anything on the board does. */
  readonly version: string;
  /** `/reports/leaderboard`. */
  readonly rows: Body;
  /** `/v1/leaderboard`. */
  readonly standings: Body;
}

export interface BoardCache {
  /** What was read last; null when nothing was yet. */
  current(): BoardVersion | null;
  /** The newest board, at most a second old; the last one known while the database is away. */
  latest(): Promise<BoardVersion>;
  /** Called with each new version. */
  onVersion(listener: (version: BoardVersion) => void): void;
  /** Something may have changed: look soon. */
  hint(): void;
  start(): void;
  stop(): void;
}

export interface BoardCacheOptions {
  /** A board read within this is new enough for a request. */
  readonly freshMs: number;
  /** Hints closer together than this make one look: a fast replay has hundreds of boards a second. */
  readonly hintEveryMs: number;
  /** How long a lost hint goes unnoticed. */
  readonly pollEveryMs: number;
}

const defaults: BoardCacheOptions = { freshMs: 1000, hintEveryMs: 500, pollEveryMs: 5000 };

export function createBoardCache(
  { reads, game, log, now }: { reads: Reads; game: Game; log: Log; now: () => number },
  options: Partial<BoardCacheOptions> = {},
): BoardCache {
  const { freshMs, hintEveryMs, pollEveryMs } = { ...defaults, ...options };
  const listeners: ((version: BoardVersion) => void)[] = [];
  let current: BoardVersion | null = null;
  let key: string | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<BoardVersion> | null = null;
  let hinted: NodeJS.Timeout | null = null;
  let poll: NodeJS.Timeout | null = null;

  async function look(): Promise<BoardVersion> {
    const found = await reads.leaderboard();
    const foundKey = found === null ? 'none' : keyOf(found.leaderboard);
    if (current === null || foundKey !== key) {
      const models = found === null ? [] : await reads.models();
      const version = await serialize(found?.leaderboard ?? null, models, game);
      current = version;
      key = foundKey;
      for (const listener of listeners) listener(version);
    }
    lookedAt = now();
    return current;
  }

  /** At most one look at a time; who comes meanwhile shares it. */
  function lookOnce(): Promise<BoardVersion> {
    looking ??= look().finally(() => {
      looking = null;
    });
    return looking;
  }

  function lookInBackground() {
    lookOnce().catch((err: unknown) => log.debug({ err }, 'could not look for a new board'));
  }

  return {
    current: () => current,
    async latest() {
      if (current === null) return lookOnce();
      const isFresh = (now() - lookedAt) * 1000 < freshMs;
      // With the database known to be away nobody waits for it; the poll learns when it is back.
      if (isFresh || reads.isReachable() === false) return current;
      return lookOnce().catch(() => current as BoardVersion); // never null again once read
    },
    onVersion(listener) {
      listeners.push(listener);
    },
    hint() {
      hinted ??= setTimeout(
        () => {
          hinted = null;
          lookInBackground();
        },
        Math.max(0, hintEveryMs - (now() - lookedAt) * 1000),
      ).unref();
    },
    start() {
      poll ??= setInterval(lookInBackground, pollEveryMs).unref();
      lookInBackground();
    },
    stop() {
      if (poll) clearInterval(poll);
      if (hinted) clearTimeout(hinted);
      poll = hinted = null;
    },
  };
}

/** A board is published once for each instant of one competition; `official` rides along for safety. */
function keyOf({ game, gameVersion, seed, world, asOf, official }: Leaderboard): string {
  return JSON.stringify([game, gameVersion, seed, world, asOf, official]);
}

async function serialize(
  leaderboard: Leaderboard | null,
  models: readonly NamedModel[],
  game: Game,
): Promise<BoardVersion> {
  const [rows, standings] = await Promise.all([
    createBody(JSON.stringify(leaderboard === null ? [] : leaderboardRows(leaderboard, models)), jsonType),
    createBody(JSON.stringify(standingsView(leaderboard, models, game)), jsonType),
  ]);
  return { leaderboard, version: standings.tag, rows, standings };
}
