// One logger a process: JSON lines on stdout, or readable lines when a person (or `condor up`) reads them.

import { pino } from 'pino';

export type Log = pino.Logger;

export interface LogOptions {
  readonly level: string;
  /** `json` for machines, `line` for people. */
  readonly format: 'json' | 'line';
}

/** A logger whose records carry `worker`. */
export function createLog(worker: string, { level, format }: LogOptions): Log {
  if (format === 'json') return pino({ level, base: { worker } });
  return pino({ level, base: null }, { write: (record: string) => process.stdout.write(readable(record)) });
}

/** A logger that says nothing, for tests. */
export const silentLog: Log = pino({ level: 'silent' });

/** `message key=value …`, warnings and errors marked. */
function readable(record: string): string {
  const { level, time: _time, msg, err, ...rest } = JSON.parse(record) as Record<string, unknown>;
  const mark = Number(level) >= 50 ? 'ERROR ' : Number(level) >= 40 ? 'warning: ' : '';
  const fields = Object.entries(rest).map(
    ([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const cause = err instanceof Object ? ` (${(err as { message?: string }).message})` : '';
  return `${mark}${msg ?? ''}${cause}${fields.join('')}\n`;
}
