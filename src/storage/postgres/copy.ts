// Binary COPY: rows as PostgreSQL's own binary format, several times faster than INSERT for large values.

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { explainError } from '../connect.ts';

/** A field, encoded; null is SQL's null. */
export type Field = Uint8Array | null;

const header = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1'); // signature, flags, no extension
const trailer = Buffer.from([0xff, 0xff]);
const epoch2000 = 946_684_800; // unix seconds; PostgreSQL counts from here

/** Copies `rows` into `target`, for example `predictions (day, round_id)`. Rejects when one is refused. */
export async function copyRows(
  client: pg.ClientBase,
  target: string,
  rows: Iterable<readonly Field[]>,
  deadlineMs: number,
): Promise<void> {
  const stream = client.query(copyFrom(`copy ${target} from stdin (format binary)`));
  await pipeline(Readable.from(encodeRows(rows), { objectMode: true }), stream, {
    signal: AbortSignal.timeout(deadlineMs),
  }).catch(explainError);
}

/** Chunks of about 64 KB, so that small fields don't travel one by one. */
function* encodeRows(rows: Iterable<readonly Field[]>): Generator<Buffer> {
  let parts: Uint8Array[] = [header];
  let size = header.length;
  for (const fields of rows) {
    const count = Buffer.allocUnsafe(2);
    count.writeInt16BE(fields.length);
    parts.push(count);
    for (const field of fields) {
      const length = Buffer.allocUnsafe(4);
      length.writeInt32BE(field === null ? -1 : field.length);
      parts.push(length);
      if (field !== null) parts.push(field);
      size += 4 + (field?.length ?? 0);
    }
    if (size > 65_536) {
      yield Buffer.concat(parts);
      parts = [];
      size = 0;
    }
  }
  parts.push(trailer);
  yield Buffer.concat(parts);
}

export function textField(value: string | null): Field {
  return value === null ? null : Buffer.from(value);
}

/** `day` as `2025-06-01`. */
export function dateField(day: string): Field {
  const field = Buffer.allocUnsafe(4);
  field.writeInt32BE((Date.parse(`${day}T00:00:00Z`) / 1000 - epoch2000) / 86_400);
  return field;
}

/** Unix seconds, kept to the microsecond. */
export function instantField(instant: number | null): Field {
  if (instant === null) return null;
  const field = Buffer.allocUnsafe(8);
  field.writeBigInt64BE(BigInt(Math.round((instant - epoch2000) * 1_000_000)));
  return field;
}

export function integerField(value: number): Field {
  const field = Buffer.allocUnsafe(4);
  field.writeInt32BE(value);
  return field;
}

/** Rounds to a whole number: latencies are measured finer than they are kept. */
export function bigintField(value: number | null): Field {
  if (value === null) return null;
  const field = Buffer.allocUnsafe(8);
  field.writeBigInt64BE(BigInt(Math.round(value)));
  return field;
}

export function doubleField(value: number | null): Field {
  if (value === null) return null;
  const field = Buffer.allocUnsafe(8);
  field.writeDoubleBE(value);
  return field;
}

export function booleanField(value: boolean): Field {
  return value ? isTrue : isFalse;
}

const isTrue = Buffer.of(1);
const isFalse = Buffer.of(0);

/** As `real[]`. What float32 can't hold is kept as the largest it can. */
export function realsField(values: readonly number[] | null): Field {
  return arrayField(values, realOid, (field, value, at) =>
    field.writeFloatBE(Math.max(-realMax, Math.min(realMax, value)), at),
  );
}

/** As `integer[]`. */
export function integersField(values: readonly number[] | null): Field {
  return arrayField(values, integerOid, (field, value, at) => field.writeInt32BE(value, at));
}

const realMax = 3.4028234663852886e38;
const realOid = 700;
const integerOid = 23;
const arrayHeaderBytes = 20;

/** One dimension, no nulls, elements of four bytes: each with its length before it. */
function arrayField(
  values: readonly number[] | null,
  elementOid: number,
  write: (field: Buffer, value: number, at: number) => void,
): Field {
  if (values === null) return null;
  const field = Buffer.allocUnsafe(arrayHeaderBytes + 8 * values.length);
  field.writeInt32BE(1, 0); // dimensions
  field.writeInt32BE(0, 4); // has no nulls
  field.writeInt32BE(elementOid, 8);
  field.writeInt32BE(values.length, 12);
  field.writeInt32BE(1, 16); // arrays begin at 1
  for (let i = 0; i < values.length; i++) {
    field.writeInt32BE(4, arrayHeaderBytes + 8 * i);
    write(field, values[i] as number, arrayHeaderBytes + 8 * i + 4);
  }
  return field;
}
