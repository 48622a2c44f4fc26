// The commands that are one worker each: read the environment, start it, keep the process alive. What a
// supervisor must know (the port a server took) goes over the process's message channel when there is one.

import { type Config, readConfig } from '../config.ts';
import { Refusal, runWorker, type Worker } from '../lib/lifecycle.ts';
import { createLog, type Log } from '../lib/log.ts';
import { loadGame } from '../load-game.ts';
import { modelsFolderOf } from './models-folder.ts';

export type CommandName = 'predict' | 'score' | 'report' | 'orchestrator' | 'migrate';

/** Runs one command until it is told to stop. */
export async function runCommand(name: CommandName): Promise<void> {
  const config = readConfig();
  const log = createLog(name, { level: config.CONDOR_LOG_LEVEL, format: config.CONDOR_LOG_FORMAT });
  if (name === 'migrate') {
    const { migrate } = await import('../storage/migrate.ts');
    return migrate(databaseUrl(config, name), log);
  }
  await runWorker(log, () => starters[name](config, log), { parentPid: config.CONDOR_PARENT });
}

const starters: Record<Exclude<CommandName, 'migrate'>, (config: Config, log: Log) => Promise<Worker>> = {
  async predict(config, log) {
    const { startPredictWorker } = await import('../predict/worker.ts');
    return startPredictWorker(
      {
        databaseUrl: databaseUrl(config, 'predict'),
        game: await gameOf(config),
        crunchId: config.CONDOR_CRUNCH_ID,
        orchestratorUrl: config.CONDOR_ORCHESTRATOR_URL,
        prices: config.CONDOR_PRICES,
        seed: config.CONDOR_SEED,
        speed: config.CONDOR_SPEED,
        from: config.CONDOR_FROM,
        durationSeconds: config.CONDOR_DURATION_SECONDS,
        warmupSeconds: config.CONDOR_WARMUP_SECONDS,
        boardEverySeconds: config.CONDOR_BOARD_EVERY_SECONDS,
        expectedModels: config.CONDOR_EXPECTED_MODELS,
        fleetThreads: config.CONDOR_FLEET_THREADS,
        binanceRestUrl: config.CONDOR_BINANCE_REST_URL,
        binanceStreamUrl: config.CONDOR_BINANCE_STREAM_URL,
      },
      log,
    );
  },

  async score(config, log) {
    const { startScoreWorker } = await import('../score/worker.ts');
    return startScoreWorker({
      databaseUrl: databaseUrl(config, 'score'),
      game: config.CONDOR_GAME,
      threads: config.CONDOR_SCORE_THREADS,
      binanceRestUrl: config.CONDOR_BINANCE_REST_URL,
      log,
    });
  },

  async report(config, log) {
    const { startReportWorker } = await import('../report/worker.ts');
    const worker = await startReportWorker({
      databaseUrl: databaseUrl(config, 'report'),
      game: await gameOf(config),
      host: config.CONDOR_HOST,
      port: config.CONDOR_REPORT_PORT,
      log,
    });
    process.send?.({ port: Number(new URL(worker.url).port) });
    return worker;
  },

  async orchestrator(config, log) {
    const { startOrchestrator } = await import('../orchestrator/orchestrator.ts');
    const worker = await startOrchestrator({
      host: config.CONDOR_HOST,
      port: config.CONDOR_ORCHESTRATOR_PORT,
      modelsDir: config.CONDOR_MODELS ?? modelsFolderOf(config.CONDOR_GAME),
      crunchIds: [config.CONDOR_CRUNCH_ID ?? (await gameOf(config)).crunchId],
      log,
    });
    process.send?.({ port: worker.port });
    return worker;
  },
};

function databaseUrl({ DATABASE_URL }: Config, command: CommandName): string {
  if (DATABASE_URL === undefined) {
    throw new Refusal(
      `Cannot start "condor ${command}": DATABASE_URL is not set; it names the competition's PostgreSQL, such as postgres://user:password@host/condor`,
    );
  }
  return DATABASE_URL;
}

async function gameOf(config: Config) {
  return loadGame(config.CONDOR_GAME).catch((cause: Error) => {
    throw new Refusal(cause.message, { cause });
  });
}
