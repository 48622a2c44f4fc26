// The way to the database: a pool whose connections know their worker's role, and a listener that comes
// back by itself. A database that goes away makes calls reject; it never ends the process.

import pg from 'pg';
import { sleep } from '../lib/clock.ts';
import { type Log, silentLog } from '../lib/log.ts';

export type Role = 'condor_predict' | 'condor_score' | 'condor_report';

export interface DatabaseOptions {
  /** Whose rights statements run with; null keeps those of the user in the url. */
  readonly role: Role | null;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  readonly maxConnections?: number;
  /** Deadline of every statement, on the server and on the client. */
  readonly statementTimeoutMs?: number;
  readonly log?: Log;
}

export interface Statement {
  /** Statements with a name are planned once a connection. */
  readonly name?: string;
  readonly text: string;
}

/** Runs statements; `Row` is the caller's word for what a statement returns. */
export interface Session {
  query<Row = unknown>(statement: string | Statement, values?: readonly unknown[]): Promise<Row[]>;
}

/** One connection within a transaction. */
export interface Transaction extends Session {
  /** For COPY, which needs the driver's own streams. */
  readonly client: pg.PoolClient;
}

export interface Database extends Session {
  /**
   * Runs `work` in one transaction: commits what it did, or undoes it all when it throws. A `snapshot` only
   * reads, and all its statements see one state of the database.
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>, mode?: 'snapshot'): Promise<T>;
  /** A connection of its own, outside the pool. Its owner ends it. */
  connect(): Promise<pg.Client>;
  /** Waits for running statements, then closes. */
  close(): Promise<void>;
}

const connectTimeoutMs = 2_000; // a local server answers in 2 ms, one across an ocean in 500

/**
 * A database by its url. Connects at first use. Rows come with instants as unix seconds, `bigint` as
 * numbers, `numeric` and `date` as text. Rejections carry the driver's error as `cause`.
 */
export function openDatabase(url: string, options: DatabaseOptions): Database {
  const { applicationName, maxConnections = 4, statementTimeoutMs = 30_000, log = silentLog } = options;
  const config: pg.ClientConfig = {
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: statementTimeoutMs + 1_000, // the server's own deadline comes first, and says more
    keepAlive: true,
    types: { getTypeParser },
  };
  let hasWarned = false;
  const warnOnce = (text: string) => {
    if (!hasWarned) log.warn(text);
    hasWarned = true;
  };
  const prepare = (client: pg.ClientBase) => prepareSession(client, options.role, statementTimeoutMs, warnOnce);
  const pool = new pg.Pool({
    ...config,
    // The pool's own timeout also bounds the wait for a free connection, which may be busy for good reasons.
    connectionTimeoutMillis: statementTimeoutMs,
    Client: class extends pg.Client {
      constructor() {
        super(config);
      }
    },
    max: maxConnections,
    idleTimeoutMillis: 30_000,
    onConnect: prepare,
  });
  pool.on('error', (error) => log.debug({ err: error }, 'idle database connection lost'));

  return {
    async query<Row>(statement: string | Statement, values: readonly unknown[] = []) {
      return (await runStatement(pool, statement, values)) as Row[];
    },
    async transaction(work, mode) {
      const client = await pool.connect().catch(explainError);
      // Without a listener of its own, a connection lost between two statements would end the process.
      const ignore = () => {};
      client.on('error', ignore);
      let isBroken = false;
      try {
        await client.query(beginStatement(mode)).catch(explainError);
        const result = await work({
          client,
          query: async <Row>(statement: string | Statement, values: readonly unknown[] = []) =>
            (await runStatement(client, statement, values)) as Row[],
        });
        await client.query('commit').catch(explainError);
        return result;
      } catch (error) {
        // A connection that was lost or doesn't answer won't answer to this either.
        isBroken = isAway(error) || !(await client.query('rollback').then(Boolean, () => false));
        throw error;
      } finally {
        client.off('error', ignore);
        client.release(isBroken);
      }
    },
    async connect() {
      const client = new pg.Client(config);
      client.on('error', () => {});
      try {
        await client.connect();
        await prepare(client);
      } catch (error) {
        client.end().catch(() => {});
        return explainError(error);
      }
      return client;
    },
    async close() {
      if (!pool.ended && !pool.ending) await pool.end();
    },
  };
}

/**
 * Calls `onNotify` for every notification on `channels` until `signal` aborts; reconnects by itself, and
 * calls once for each channel after each (re)connection, since something may have been missed. A hint that
 * saves waiting: whoever listens must also look by itself from time to time.
 */
export async function listen(
  db: Pick<Database, 'connect'>,
  channels: readonly string[],
  onNotify: (channel: string, payload: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await listenOnce(db, channels, onNotify, signal, () => {
        failures = 0;
      });
    } catch {
      // The database is away; whoever writes or reads says so. Here it is only worth another try.
    }
    if (signal.aborted) return;
    // 0.1 s, doubling to 5 s, each times a random 0.5–1, so that workers don't return all at once.
    const waitMs = Math.min(5_000, 100 * 2 ** Math.min(failures, 6)) * (0.5 + Math.random() / 2);
    failures += 1;
    await sleep(waitMs, signal);
  }
}

/**
 * Whether trying again may help: the database is away, slow, restarting or out of room. False when it
 * understood and refused (bad data, missing rights or tables), and for errors that are not its own.
 */
export function isWorthRetrying(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const driverError = error instanceof pg.DatabaseError ? error : error.cause;
  if (driverError instanceof pg.DatabaseError) return !/^(0A|22|23|42|P0)/.test(driverError.code ?? '');
  return isAway(error);
}

/** Rejects as every repository does: a sentence, with the driver's error as `cause`. */
export function explainError(error: unknown): never {
  const message = error instanceof Error ? error.message || error.name : String(error);
  const action =
    error instanceof pg.DatabaseError ? 'Cannot carry out a database statement' : 'Cannot reach the database';
  throw new Error(`${action}: ${message}`, { cause: error });
}

/** Whether this is `explainError`'s word on a connection that failed, rather than on a statement. */
function isAway(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && !(error.cause instanceof pg.DatabaseError);
}

async function listenOnce(
  db: Pick<Database, 'connect'>,
  channels: readonly string[],
  onNotify: (channel: string, payload: string) => void,
  signal: AbortSignal,
  onConnected: () => void,
): Promise<void> {
  const client = await db.connect();
  const end = () => client.end().catch(() => {});
  signal.addEventListener('abort', end, { once: true });
  try {
    const lost = new Promise<void>((resolve) => client.once('end', resolve));
    client.on('notification', ({ channel, payload }) => onNotify(channel, payload ?? ''));
    for (const channel of channels) await client.query(`listen ${client.escapeIdentifier(channel)}`);
    onConnected();
    for (const channel of channels) onNotify(channel, '');
    if (!signal.aborted) await lost;
  } finally {
    signal.removeEventListener('abort', end);
    void end();
  }
}

async function prepareSession(
  client: pg.ClientBase,
  role: Role | null,
  statementTimeoutMs: number,
  warn: (text: string) => void,
): Promise<void> {
  // A pooler in front of the database may refuse these as start-up options, so they are statements.
  await client.query(
    `set timezone to 'UTC'; set datestyle to 'ISO'; set statement_timeout to ${Math.ceil(statementTimeoutMs)};
     set idle_in_transaction_session_timeout to ${Math.ceil(statementTimeoutMs)};
     ${role === 'condor_report' ? 'set default_transaction_read_only to on' : ''}`,
  );
  if (role === null) return;
  // Where roles can't be made (a hosted database), workers keep the url's rights; report still only reads.
  await client.query(`set role ${role}`).catch((error: unknown) => {
    if (!(error instanceof pg.DatabaseError)) throw error;
    warn(`working without role ${role}: ${error.message}`);
  });
}

async function runStatement(
  runner: pg.Pool | pg.ClientBase,
  statement: string | Statement,
  values: readonly unknown[],
): Promise<unknown[]> {
  const { name, text } = typeof statement === 'string' ? { text: statement } : statement;
  const { rows } = await runner
    .query({ text, values: [...values], ...(name === undefined ? {} : { name }) })
    .catch(explainError);
  return rows as unknown[];
}

function beginStatement(mode: 'snapshot' | undefined): string {
  return mode === 'snapshot' ? 'begin isolation level repeatable read read only' : 'begin';
}

/** Instants as unix seconds, to the microsecond; counts as numbers; the rest as the driver does it. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (format !== 'binary') {
    if (oid === pg.types.builtins.TIMESTAMPTZ) return parseInstant;
    if (oid === pg.types.builtins.INT8) return Number;
    if (oid === pg.types.builtins.DATE || oid === pg.types.builtins.NUMERIC) return (text: string) => text;
  }
  return pg.types.getTypeParser(oid, format as 'text');
}

/** `2025-06-01 12:00:00.25+00` → 1748779200.25. Sessions speak UTC. */
function parseInstant(text: string): number {
  const seconds = Date.parse(`${text.slice(0, 10)}T${text.slice(11, 19)}Z`) / 1000;
  const micros = text[19] === '.' ? Number(text.slice(20, text.indexOf('+', 20)).padEnd(6, '0')) : 0;
  return (seconds * 1_000_000 + micros) / 1_000_000;
}
