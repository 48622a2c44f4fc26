// Environment → one frozen object. The only reader of process.env. Every command is configured by these
// variables alone; `condor up` sets them for the processes it starts.

import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';

const wholeNumber = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

const environment = z.object({
  /** PostgreSQL of the competition, for example `postgres://user:password@host/condor`. */
  DATABASE_URL: z.string().min(1).optional(),
  /** Name of a shipped game, or the path of a module. */
  CONDOR_GAME: z.string().default('condor'),
  /** `auto`, `live`, `simulated`, or a folder of `ASSET.csv` files. */
  CONDOR_PRICES: z.string().default('auto'),
  CONDOR_SEED: wholeNumber(0, 2 ** 31 - 1).default(1),
  /** Where the Model Orchestrator listens, without the crunch id. */
  CONDOR_ORCHESTRATOR_URL: z.url({ protocol: /^wss?$/ }).default('ws://127.0.0.1:9091'),
  /** Plays the game under another crunch id than its own. */
  CONDOR_CRUNCH_ID: z.string().min(1).optional(),
  /** Binds the servers of report and orchestrator. Loopback unless told otherwise. */
  CONDOR_HOST: z.string().default('127.0.0.1'),
  CONDOR_REPORT_PORT: wholeNumber(0, 65535).default(8000),
  CONDOR_ORCHESTRATOR_PORT: wholeNumber(0, 65535).default(9091),
  /** Folder with `models.dev.yml` and the models' code. */
  CONDOR_MODELS: z.string().optional(),
  /** Folder for the embedded database and what belongs to it. */
  CONDOR_DATA: z.string().optional(),
  CONDOR_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  CONDOR_LOG_FORMAT: z.enum(['json', 'line']).default('json'),
  /** Replays at this speed instead of playing live: a number of times real time, or `max`. */
  CONDOR_SPEED: z
    .union([z.literal('max').transform(() => Number.POSITIVE_INFINITY), z.coerce.number().positive().max(100_000)])
    .optional(),
  /** First instant of a replay. */
  CONDOR_FROM: z.iso
    .datetime({ offset: true })
    .transform((value) => Date.parse(value) / 1000)
    .optional(),
  /** Market time a replay asks rounds for, seconds; it then runs on until the last round settles. */
  CONDOR_DURATION_SECONDS: wholeNumber(1, 366 * 86400).optional(),
  /** Replays this much of the recent past before going live, when the database is empty. */
  CONDOR_WARMUP_SECONDS: wholeNumber(0, 30 * 86400).default(0),
  /** Board interval instead of the game's. */
  CONDOR_BOARD_EVERY_SECONDS: wholeNumber(1, 86400).optional(),
  /** Market time waits (at most a minute of wall time) for this many models before a replay or warm-up starts. */
  CONDOR_EXPECTED_MODELS: wholeNumber(0, 10_000).default(0),
  /** Threads that hold the models' sockets. */
  CONDOR_FLEET_THREADS: wholeNumber(1, 64).default(2),
  /** Threads that parse and score. */
  CONDOR_SCORE_THREADS: wholeNumber(1, 256).default(1),
  /**
   * How long the rounds a score worker has claimed wait when it is killed. Renewed each third of it; a worker that
   * stands still for longer (a paused machine) loses its work to another, and nothing else.
   */
  CONDOR_SCORE_LEASE_SECONDS: wholeNumber(1, 600).default(30),
  CONDOR_BINANCE_REST_URL: z.url().optional(),
  CONDOR_BINANCE_STREAM_URL: z.url().optional(),
  /** Ends the process when the process with this id is gone. Set by `condor up`. */
  CONDOR_PARENT: wholeNumber(1, 2 ** 31).optional(),
});

export type Config = Readonly<z.infer<typeof environment>> & {
  /** Folder of this competition's files: CONDOR_DATA, else the user's data folder. */
  readonly dataDir: string;
};

/**
 * The checked environment.
 * @throws Error naming each variable, the value present and what is wanted.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  // Empty means unset, as shells and compose files have it.
  const parsed = environment.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')));
  if (!parsed.success) {
    const complaints = parsed.error.issues.map(({ path, message }) => {
      const name = String(path[0]);
      return `${name} is "${shown(name, env[name])}": ${message}`;
    });
    throw new Error(`Cannot read the configuration: ${complaints.join('; ')}`);
  }
  return Object.freeze({ ...parsed.data, dataDir: resolve(parsed.data.CONDOR_DATA ?? userDataDir(env)) });
}

/** A database address may hold a password. */
function shown(name: string, value: string | undefined): string {
  return name === 'DATABASE_URL' ? '(not shown)' : (value ?? '');
}

function userDataDir(env: Readonly<Record<string, string | undefined>>): string {
  const base =
    process.platform === 'darwin'
      ? join(homedir(), 'Library', 'Application Support')
      : env.XDG_DATA_HOME || join(homedir(), '.local', 'share');
  return join(base, 'condor');
}

/** What a child process inherits, with `own` on top. */
export function childEnvironment(own: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return { ...process.env, ...own };
}
