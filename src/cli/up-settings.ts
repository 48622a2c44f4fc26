// The flags of `condor up`, checked, and what they mean for the processes it starts.

import { constants, existsSync } from 'node:fs';
import { access, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Config } from '../config.ts';
import type { Game } from '../domain/game.ts';
import { parseDuration } from './duration.ts';
import { modelsFolderOf } from './models-folder.ts';

export interface UpFlags {
  readonly game: string;
  readonly prices: string;
  readonly speed?: string;
  readonly from?: string;
  readonly duration?: string;
  readonly once?: boolean;
  readonly seed: string;
  readonly boardEvery?: string;
  readonly board?: string;
  readonly port?: string;
  readonly host?: string;
  readonly dataDir?: string;
  readonly models?: string;
  readonly reset?: boolean;
}

export interface UpSettings {
  readonly game: Game;
  readonly gamePath: string;
  readonly crunchId: string;
  readonly isOnce: boolean;
  readonly isTemporary: boolean;
  readonly reset: boolean;
  readonly dataDir: string;
  readonly modelsDir: string;
  readonly boardFile: string | null;
  readonly host: string;
  readonly reportPort: number;
  readonly orchestratorPort: number;
  /** Wall-clock play with a warm-up, as opposed to a replay. */
  readonly isLive: boolean;
  readonly warmupSeconds: number;
  /** Environment of every child. */
  readonly env: Readonly<Record<string, string>>;
}

/** A bounded run needs a beginning that is always the same. */
const simulatedOnceFrom = '2026-01-05T00:00:00Z';

/** @throws Error naming the flag, the value present and the value wanted. */
export async function readSettings(flags: UpFlags, game: Game, config: Config): Promise<UpSettings> {
  const isOnce = flags.once === true;
  const isReplay = flags.speed !== undefined || isOnce;
  const isFolder = !['auto', 'live', 'simulated'].includes(flags.prices);
  const isLive = !isReplay && !isFolder;
  refuse(flags, { isOnce, isReplay, isFolder });

  const from = flags.from ?? (isOnce && !isFolder ? simulatedOnceFrom : undefined);
  const longestHorizon = Math.max(...game.profiles.map(({ horizonSeconds }) => horizonSeconds));
  const warmupSeconds = isLive ? (game.windows[0]?.seconds ?? 0) + longestHorizon : 0;
  const gamePath = existsSync(flags.game) ? resolve(flags.game) : flags.game;
  const modelsDir = resolve(flags.models ?? config.CONDOR_MODELS ?? modelsFolderOf(gamePath));
  if (!existsSync(join(modelsDir, 'models.dev.yml'))) {
    throw new Error(`Cannot use --models "${modelsDir}": it holds no models.dev.yml`);
  }
  const speed = isReplay || isFolder ? (flags.speed ?? (isOnce ? 'max' : '1')) : undefined;
  const optional = {
    CONDOR_SPEED: speed,
    CONDOR_FROM: from && new Date(from).toISOString(),
    CONDOR_DURATION_SECONDS: flags.duration && String(parseDuration(flags.duration)),
    CONDOR_BOARD_EVERY_SECONDS: flags.boardEvery,
  };
  const seed = wholeNumber('--seed', flags.seed, 0, 2 ** 31 - 1);
  const defaultPort = isOnce ? 0 : config.CONDOR_REPORT_PORT;
  const reportPort = flags.port === undefined ? defaultPort : wholeNumber('--port', flags.port, 0, 65_535);
  const boardFile = flags.board === undefined ? null : resolve(flags.board);
  if (boardFile !== null) await refuseUnwritable(boardFile);
  // Made last, so that a refused start leaves nothing behind.
  const isTemporary = isOnce && flags.dataDir === undefined;
  const dataDir = isTemporary
    ? await mkdtemp(join(tmpdir(), 'condor-'))
    : resolve(flags.dataDir ?? join(config.dataDir, game.name));
  return {
    game,
    gamePath,
    crunchId: config.CONDOR_CRUNCH_ID ?? game.crunchId,
    isOnce,
    isTemporary,
    reset: flags.reset === true,
    dataDir,
    modelsDir,
    boardFile,
    host: flags.host ?? config.CONDOR_HOST,
    reportPort,
    orchestratorPort: isOnce ? 0 : config.CONDOR_ORCHESTRATOR_PORT,
    isLive,
    warmupSeconds,
    env: {
      CONDOR_GAME: gamePath,
      CONDOR_PRICES: isFolder ? resolve(flags.prices) : flags.prices,
      CONDOR_SEED: String(seed),
      CONDOR_MODELS: modelsDir,
      CONDOR_WARMUP_SECONDS: String(warmupSeconds),
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    },
  };
}

/** A long run must not find out at its end that its result can't be written. */
async function refuseUnwritable(file: string): Promise<void> {
  await access(dirname(file), constants.W_OK).catch((cause: Error) => {
    throw new Error(`Cannot write --board "${file}": ${cause.message}`, { cause });
  });
}

function refuse(
  flags: UpFlags,
  { isOnce, isReplay, isFolder }: Record<'isOnce' | 'isReplay' | 'isFolder', boolean>,
): void {
  if (isFolder && !existsSync(flags.prices)) {
    throw new Error(
      `Cannot use --prices "${flags.prices}": wanted auto, live, simulated or a folder of ASSET.csv files`,
    );
  }
  if (isReplay && flags.prices === 'live') {
    throw new Error(
      'Cannot replay --prices live: --speed and --once need simulated prices or a folder of recorded ones',
    );
  }
  if (isOnce && flags.duration === undefined && !isFolder) {
    throw new Error('Cannot play --once without --duration: simulated prices never end');
  }
  if (flags.speed !== undefined && flags.speed !== 'max' && !(Number(flags.speed) > 0)) {
    throw new Error(`Cannot use --speed "${flags.speed}": wanted a number above 0, or max`);
  }
  if (flags.from !== undefined && Number.isNaN(Date.parse(flags.from))) {
    throw new Error(`Cannot use --from "${flags.from}": wanted an instant such as 2026-01-05T00:00:00Z`);
  }
  if (!isReplay && !isFolder && (flags.from !== undefined || flags.duration !== undefined)) {
    throw new Error(
      'Cannot use --from or --duration with a live competition: they belong to --speed, --once or a folder of prices',
    );
  }
  if (flags.board !== undefined && !isOnce) {
    throw new Error('Cannot write --board without --once: the final leaderboard is there when a bounded run ends');
  }
  if (flags.boardEvery !== undefined) wholeNumber('--board-every', flags.boardEvery, 1, 86_400);
}

function wholeNumber(flag: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new Error(`Cannot use ${flag} "${text}": wanted a whole number from ${min} to ${max}`);
  }
  return value;
}
