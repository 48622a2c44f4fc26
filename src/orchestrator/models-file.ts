// The models file, `models.dev.yml` (wire-protocol 7.2): which models play in which crunch. Read whole or
// refused whole, with every complaint, so that half a mistake never becomes half a competition.

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

export interface ModelEntry {
  /** The model's stable id; opaque. */
  readonly id: string;
  readonly crunchId: string;
  /** A file or folder below the models directory, `/`-separated. */
  readonly submissionId: string;
  readonly resourceId: string | null;
  readonly hardwareType: 'CPU' | 'GPU';
  readonly desiredState: 'RUNNING' | 'STOPPED';
  readonly modelName: string | null;
  readonly cruncherId: string | null;
  readonly cruncherName: string | null;
}

/** The models file of a models directory. */
export function modelsFileOf(modelsDir: string): string {
  return join(modelsDir, 'models.dev.yml');
}

/** 5000 entries with long names; a larger file is not one that a person wrote. */
const fileMaxBytes = 4 * 1024 * 1024;

/**
 * The entries of the models file at `path`, in its order.
 * @throws Error with one line for each complaint: the entry, the value present, the value wanted.
 */
export async function readModelsFile(path: string): Promise<readonly ModelEntry[]> {
  return parseModelsFile(await readModelsText(path), path);
}

/** The text of the models file. @throws Error naming the path when it can't be read or is too large. */
export async function readModelsText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > fileMaxBytes) throw new Error(`it has ${size} bytes, at most ${fileMaxBytes}`);
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Error(`Cannot read models file "${path}": ${messageOf(cause)}`, { cause });
  }
}

/** See {@link readModelsFile}. `path` is only named in complaints. */
export function parseModelsFile(text: string, path: string): readonly ModelEntry[] {
  const refuse = (complaints: readonly string[], cause?: unknown): never => {
    const shown = complaints.slice(0, complaintsMax);
    if (complaints.length > shown.length) shown.push(`and ${complaints.length - shown.length} more`);
    throw new Error(`Cannot use models file "${path}":\n  ${shown.join('\n  ')}`, { cause });
  };
  let document: unknown;
  try {
    document = parse(text, { maxAliasCount: 100 });
  } catch (error) {
    return refuse([messageOf(error).split('\n')[0] as string], error);
  }
  const result = fileSchema.safeParse(document ?? {});
  if (!result.success) return refuse(result.error.issues.map((issue) => complain(issue, document)));
  const twice = result.data.models.filter(({ id }, i, all) => all.findIndex((other) => other.id === id) < i);
  if (twice.length > 0) return refuse(twice.map(({ id }) => `models: id ${show(id)} is used twice, wanted once`));
  return result.data.models.map((entry) => ({
    id: entry.id,
    crunchId: entry.crunch_id,
    submissionId: entry.submission_id,
    resourceId: entry.resource_id ?? null,
    hardwareType: entry.hardware_type,
    desiredState: entry.desired_state,
    modelName: entry.model_name ?? null,
    cruncherId: entry.cruncher_id ?? null,
    cruncherName: entry.cruncher_name ?? null,
  }));
}

const complaintsMax = 20;

/** Ids are often written as numbers. */
const id = z
  .union([z.string(), z.number().int()], { error: 'wanted text or a whole number' })
  .transform(String)
  .pipe(z.string().min(1, 'wanted 1 to 256 characters').max(256, 'wanted 1 to 256 characters'));

/** Names are strangers' words, passed on as they are. This length keeps an announcement far below 1 MiB. */
const nameMax = 16_384;
const name = z
  .string(`wanted text of at most ${nameMax} characters`)
  .max(nameMax, `wanted text of at most ${nameMax} characters`)
  .nullish();

const submission = z
  .string('wanted a file or folder below the models directory')
  .max(1024, 'wanted at most 1024 characters')
  .refine(isInside, 'wanted a file or folder below the models directory: no "..", not absolute');

const fileSchema = z.object(
  {
    models: z
      .array(
        z.object(
          {
            id,
            crunch_id: id,
            submission_id: submission,
            resource_id: id.nullish(),
            hardware_type: z.enum(['CPU', 'GPU'], 'wanted CPU or GPU').default('CPU'),
            desired_state: z.enum(['RUNNING', 'STOPPED'], 'wanted RUNNING or STOPPED'),
            model_name: name,
            cruncher_id: id.nullish(),
            cruncher_name: name,
          },
          'wanted an entry: id, submission_id, crunch_id, desired_state, …',
        ),
        'wanted a list of entries',
      )
      .max(10_000, 'wanted at most 10000 entries')
      .nullish()
      .transform((models) => models ?? []),
  },
  'wanted "models:" and a list of entries',
);

/** Whether a submission's name stays below the models directory, as far as its text tells. Links are checked when it starts. */
function isInside(path: string): boolean {
  if (path.trim() === '' || /[\0\\]/.test(path) || path.startsWith('/')) return false;
  return path.split('/').every((part) => part !== '..');
}

/** `models[2] (id "7"): desired_state is "ON", wanted RUNNING or STOPPED` */
function complain(issue: z.core.$ZodIssue, document: unknown): string {
  let value: unknown = document;
  let where = '';
  issue.path.forEach((key, depth) => {
    value = value instanceof Object ? Reflect.get(value, key) : undefined;
    where += typeof key === 'number' ? `[${key}]` : `${depth === 0 ? '' : depth === 2 ? ': ' : '.'}${String(key)}`;
    if (depth !== 1 || !(value instanceof Object)) return;
    const entryId: unknown = Reflect.get(value, 'id');
    if (entryId !== undefined) where += ` (id ${show(entryId)})`;
  });
  const wanted = issue.code === 'invalid_union' ? 'wanted text or a whole number' : issue.message;
  return `${where === '' ? 'the file' : where} is ${value === undefined ? 'missing' : show(value)}, ${wanted}`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
