// `condor up`: the whole competition on one machine. Starts the database, migrates it, starts orchestrator
// and workers as processes of their own, keeps them running, and takes everything down with it.

import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { childEnvironment, readConfig } from '../config.ts';
import { sleep, untilAborted } from '../lib/clock.ts';
import { isAlive } from '../lib/lifecycle.ts';
import { createLog } from '../lib/log.ts';
import { packageRoot } from '../lib/package-root.ts';
import { type Supervised, supervise } from '../lib/supervise.ts';
import { loadGame } from '../load-game.ts';
import { modelsFileOf, readModelsFile } from '../orchestrator/models-file.ts';
import { type EmbeddedOptions, removeEmbedded, startEmbeddedPostgres } from '../storage/embedded.ts';
import { migrate } from '../storage/migrate.ts';
import { finalBoard } from './final-board.ts';
import { readSettings, type UpFlags, type UpSettings } from './up-settings.ts';

const stopGraceMs = 7_000; // workers promise 6 s; the database gets the rest of 10
const parentCheckMs = 500;

/** Runs until Ctrl-C, SIGTERM, the parent's end, or (`--once`) the end of the game. */
export async function up(flags: UpFlags): Promise<void> {
  const config = readConfig();
  const settings = await readSettings(flags, await loadGame(flags.game), config);
  const log = createLog('up', { level: 'info', format: 'line' });
  const print = (name: string, line: string) => process.stdout.write(`${name.padEnd(12)} | ${line}\n`);
  const say = (line: string) => print('condor', line);

  const stopping = new AbortController();
  const stop = (why: string) => {
    if (stopping.signal.aborted) return;
    say(`stopping: ${why}`);
    stopping.abort();
  };
  onStopRequests(stop);

  await refuseTakenPort('--port', settings.host, settings.reportPort);
  await refuseTakenPort('CONDOR_ORCHESTRATOR_PORT', settings.host, settings.orchestratorPort);
  if (settings.reset) await removeEmbedded({ dataDir: settings.dataDir });

  const database = await keepDatabase({ dataDir: settings.dataDir, durable: !settings.isTemporary, log }, say, stop);
  const children: Supervised[] = [];
  try {
    await migrate(database.url(), log);
    if (!stopping.signal.aborted) {
      await startChildren(children, settings, database.url, { print, say, stop }, stopping.signal);
    }
    if (settings.isOnce) await playOnce(settings, database.url(), say, stop, stopping.signal);
    await untilAborted(stopping.signal);
  } finally {
    await Promise.all(children.map((child) => child.stop(stopGraceMs)));
    await database.stop();
    if (settings.isTemporary) await removeEmbedded({ dataDir: settings.dataDir });
  }
  process.exit();
}

interface KeptDatabase {
  /** Stays the same unless the server's socket had to move. */
  url(): string;
  stop(): Promise<void>;
}

/** Starts the embedded server, and again whenever it goes away without being told to. */
async function keepDatabase(
  options: EmbeddedOptions,
  say: (line: string) => void,
  stop: (why: string) => void,
): Promise<KeptDatabase> {
  let isStopping = false;
  let server = await startEmbeddedPostgres(options);
  say(`${server.attached ? 'attached to' : 'started'} the database in ${options.dataDir}`);

  let returning = Promise.resolve();

  async function keep(): Promise<void> {
    for (;;) {
      await server.gone;
      if (isStopping) return;
      say('the database is gone; starting it again');
      const { url } = server;
      returning = startEmbeddedPostgres(options).then((again) => {
        server = again;
      });
      await returning;
      if (server.url !== url) return stop('the database had to move to another socket; start again');
    }
  }
  keep().catch((error: Error) => stop(error.message));

  return {
    url: () => server.url,
    async stop() {
      isStopping = true;
      await returning.catch(() => {}); // one that is on its way up would outlive us
      await server.stop();
    },
  };
}

interface Voice {
  readonly print: (name: string, line: string) => void;
  readonly say: (line: string) => void;
  readonly stop: (why: string) => void;
}

/** Starts orchestrator and workers, adding each to `children` at once, so that it can be stopped at any moment. */
async function startChildren(
  children: Supervised[],
  settings: UpSettings,
  databaseUrl: () => string,
  { print, say, stop }: Voice,
  signal: AbortSignal,
): Promise<void> {
  const { host } = settings;
  // A server keeps the port it took when it is started again.
  const ports = { report: settings.reportPort, orchestrator: settings.orchestratorPort };
  const expected = (await readModelsFile(modelsFileOf(settings.modelsDir))).filter(
    ({ crunchId, desiredState }) => crunchId === settings.crunchId && desiredState === 'RUNNING',
  );
  if (expected.length === 0)
    say(`warning: ${modelsFileOf(settings.modelsDir)} lists no running model of crunch "${settings.crunchId}"`);
  const env = () =>
    childEnvironment({
      ...settings.env,
      DATABASE_URL: databaseUrl(),
      CONDOR_HOST: host,
      CONDOR_PARENT: String(process.pid),
      CONDOR_LOG_FORMAT: 'line',
      CONDOR_REPORT_PORT: String(ports.report),
      CONDOR_ORCHESTRATOR_PORT: String(ports.orchestrator),
      CONDOR_ORCHESTRATOR_URL: `ws://${urlHost(host)}:${ports.orchestrator}`,
      CONDOR_EXPECTED_MODELS: String(expected.length),
      // A handful of models is served twice as fast by one thread (1.0 ms a tick of four against 1.9).
      ...(expected.length < 50 && { CONDOR_FLEET_THREADS: '1' }),
    });
  const start = (name: string, onMessage?: (message: unknown) => void) => {
    const child = supervise({
      name,
      args: [`${packageRoot}/dist/src/cli/main.js`, name],
      env,
      onLine: print,
      ...(onMessage && { onMessage }),
      onRefusal: (refused) => {
        process.exitCode = 2;
        stop(`"condor ${refused}" can't start; it says why above`);
      },
    });
    children.push(child);
  };
  /** Starts a server; resolves when it listens. Waits no longer than a stop or half a minute: it says itself why. */
  const startServer = (name: 'report' | 'orchestrator') => {
    const listens = new Promise<void>((resolve) => {
      start(name, (message) => {
        ports[name] = Number((message as { port: number }).port); // workers.ts sends nothing else
        resolve();
      });
    });
    return Promise.race([listens, sleep(30_000, signal)]);
  };

  const orchestrator = startServer('orchestrator');
  const report = startServer('report');
  start('score');
  await orchestrator; // predict needs its address
  if (signal.aborted) return;
  start('predict');
  await report;
  if (!signal.aborted) say(`${settings.game.name} is running: http://${urlHost(host)}:${ports.report}`);
}

async function playOnce(
  settings: UpSettings,
  databaseUrl: string,
  say: (line: string) => void,
  stop: (why: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const board = await finalBoard(databaseUrl, signal);
  if (board === null) return;
  process.stdout.write(`\n${board.table}\n`);
  if (settings.boardFile !== null) {
    await writeFile(settings.boardFile, board.file);
    say(`wrote the final leaderboard to ${settings.boardFile}`);
  }
  stop('the game is over');
}

/** Ctrl-C, a signal, or a parent that is gone: each leads to the same stop. A second Ctrl-C ends at once. */
function onStopRequests(stop: (why: string) => void): void {
  let interrupts = 0;
  process.on('SIGINT', () => {
    interrupts += 1;
    if (interrupts > 1) process.exit(130); // children see their parent go and end by themselves
    stop('Ctrl-C (again to stop at once)');
  });
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGHUP', () => stop('the terminal is gone'));
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (parent > 1 && (process.ppid !== parent || !isAlive(parent))) stop('the parent process is gone');
  }, parentCheckMs);
  timer.unref();
  // A closed pipe (`condor up | head`) must not end us before our children are down.
  process.stdout.on('error', () => stop('nobody reads our output'));
}

async function refuseTakenPort(setting: string, host: string, port: number): Promise<void> {
  if (port === 0) return;
  await new Promise<void>((resolve, reject) => {
    const server = createServer();
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'another program listens there' : cause.message;
      reject(new Error(`Cannot listen on ${host}:${port}: ${why}; choose another with ${setting}`, { cause }));
    });
    server.listen(port, host, () => server.close(() => resolve()));
  });
}

/** An address that listens everywhere is reached on loopback. */
function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}
