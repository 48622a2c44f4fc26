#!/usr/bin/env node
// The `condor` program. Commands are loaded when called: importing all of them costs a second.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { packageRoot } from '../lib/package-root.ts';

const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { version: string };

const program = new Command('condor')
  .description('The coordinator of a live forecasting competition.')
  .version(version)
  .showHelpAfterError();

program
  .command('up')
  .description('run a whole competition: embedded database, local orchestrator, models, all workers, page')
  .option('--game <name|path>', 'the game to play', 'condor')
  .option('--prices <auto|live|simulated|DIR>', 'where prices come from', 'auto')
  .option('--speed <N|max>', 'replay at N times real time, or as fast as possible, instead of playing live')
  .option('--from <ISO>', 'first instant of a replay (default: where the recording is complete; else now)')
  .option('--duration <time>', 'market time to play, such as 90m, 48h or 7d')
  .option('--once', 'play the duration, wait for the last rounds to settle, print the board and end')
  .option('--seed <N>', 'seed of everything random', '1')
  .option('--board-every <seconds>', "board interval (default: the game's)")
  .option('--board <FILE>', 'write the final leaderboard as JSON')
  .option('--port <N>', 'port of page and API (default 8000; 0 takes a free one)')
  .option('--host <address>', 'address to listen on (default 127.0.0.1)')
  .option('--data-dir <DIR>', "folder of the database (default: one for each game in the user's data folder)")
  .option('--models <DIR>', "folder with models.dev.yml and the models' code (default: the game's, else the examples)")
  .option('--reset', 'delete the database first')
  .action(async (flags) => (await import('./up.ts')).up(flags));

const workers = [
  [
    'predict',
    'worker 1: prices in, ticks and questions out, answers kept',
    'DATABASE_URL, CONDOR_GAME, CONDOR_PRICES, CONDOR_SEED, CONDOR_ORCHESTRATOR_URL, CONDOR_CRUNCH_ID, CONDOR_FLEET_THREADS; for a replay CONDOR_SPEED, CONDOR_FROM, CONDOR_DURATION_SECONDS, CONDOR_BOARD_EVERY_SECONDS',
  ],
  [
    'score',
    'worker 2: settles, scores, ranks; run as many as you like',
    'DATABASE_URL, CONDOR_GAME, CONDOR_SCORE_THREADS',
  ],
  ['report', 'worker 3: HTTP API and page', 'DATABASE_URL, CONDOR_GAME, CONDOR_HOST, CONDOR_REPORT_PORT'],
  [
    'orchestrator',
    'runs models as processes on this machine and announces them',
    'CONDOR_GAME, CONDOR_CRUNCH_ID, CONDOR_MODELS, CONDOR_HOST, CONDOR_ORCHESTRATOR_PORT',
  ],
  ['migrate', "creates or updates the database's tables and roles", 'DATABASE_URL'],
] as const;

for (const [name, description, variables] of workers) {
  program
    .command(name)
    .description(description)
    .addHelpText(
      'after',
      `\nConfigured by the environment: ${variables}.\nAlways: CONDOR_LOG_LEVEL, CONDOR_LOG_FORMAT (json or line).`,
    )
    .action(async () => (await import('./workers.ts')).runCommand(name));
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
