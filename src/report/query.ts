// What callers of /reports may ask, checked at the door. A bad question is answered as the existing backend
// answers it: 422 with `{"detail": [{type, loc, msg, input}]}`.

import { z } from 'zod';
import { parseInstant } from './instant.ts';

/** Most models in one question: three times the largest competition known (276 models). */
export const projectIdsMax = 1000;
const idMax = 200; // characters; the hub's ids have about 6, wallets 44

/** A checked question. Instants are whole unix seconds; null where the caller left it to us. */
export interface RangeQuery {
  /** Null = all models. Distinct, in the order given; unknown ids are simply not found. */
  readonly modelIds: readonly string[] | null;
  readonly start: number | null;
  readonly end: number | null;
}

/** One complaint in the existing backend's words. */
export interface Complaint {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly input: unknown;
}

/** What was asked can't be understood; the error handler answers 422. */
export class InvalidQuery extends Error {
  readonly complaints: readonly Complaint[];

  constructor(complaints: readonly Complaint[]) {
    super(`Cannot read the query: ${complaints.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; ')}`);
    this.complaints = complaints;
  }
}

const projectIds = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => distinct([value].flat().flatMap((part) => part.split(','))))
  .superRefine((ids, context) => {
    const complain = (type: string, message: string) =>
      context.addIssue({ code: 'custom', message, params: { type, input: ids.length } });
    if (ids.length > projectIdsMax) {
      complain('too_long', `List should have at most ${projectIdsMax} items, not ${ids.length}`);
    }
    if (ids.some((id) => id.length > idMax)) {
      complain('string_too_long', `Each id should have at most ${idMax} characters`);
    }
  });

const instant = z
  .union([z.string(), z.array(z.string()).transform((values) => values.at(-1) ?? '')])
  .transform((text, context) => {
    const at = parseInstant(text);
    if (at !== null) return at;
    context.addIssue({
      code: 'custom',
      message: 'Input should be a valid datetime in ISO-8601, for example 2025-11-01T00:00:00Z',
      params: { type: 'datetime_parsing', input: text.slice(0, idMax) },
    });
    return z.NEVER;
  });

const rangeQuery = z.object({
  projectIds: projectIds.optional(),
  start: instant.optional(),
  end: instant.optional(),
});

/**
 * `projectIds` (repeated, comma-joined or both), `start` and `end` of a request; other keys are ignored.
 * @throws InvalidQuery naming each part that can't be read.
 */
export function parseRangeQuery(query: unknown): RangeQuery {
  const { projectIds: modelIds = null, start, end } = parseQuery(rangeQuery, query);
  return {
    modelIds,
    // Boards and rounds lie on whole seconds, so rounding inwards selects the same rows.
    start: start === undefined ? null : Math.ceil(start),
    end: end === undefined ? null : Math.floor(end),
  };
}

/** What a query holds by `schema`. @throws InvalidQuery naming each part that can't be read. */
export function parseQuery<T>(schema: z.ZodType<T>, query: unknown): T {
  const result = schema.safeParse(query);
  if (!result.success) throw new InvalidQuery(result.error.issues.map(toComplaint));
  return result.data;
}

/** The complaint about a required parameter that isn't there. */
export function missing(name: string): InvalidQuery {
  return new InvalidQuery([{ type: 'missing', loc: ['query', name], msg: 'Field required', input: null }]);
}

function toComplaint(issue: z.core.$ZodIssue): Complaint {
  const params = issue.code === 'custom' ? issue.params : undefined;
  return {
    type: typeof params?.type === 'string' ? params.type : 'value_error',
    loc: ['query', ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))],
    msg: issue.message,
    input: params?.input ?? null,
  };
}

function distinct(ids: readonly string[]): string[] {
  return [...new Set(ids.map((id) => id.trim()).filter((id) => id !== ''))];
}
