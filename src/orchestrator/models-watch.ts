// Looks at the models file and at the models' code again and again, by their times and sizes: file system
// events differ from system to system and get lost. A change counts once two looks in a row see the same,
// so that a file half written is not taken for a short one.

import type { Log } from '../lib/log.ts';
import { type ModelEntry, parseModelsFile, readModelsText } from './models-file.ts';
import { findSubmission, type Submission } from './submission.ts';

export interface ModelsWatchOptions {
  readonly path: string;
  readonly modelsDir: string;
  /** Entries of other crunches are skipped. */
  readonly crunchIds: ReadonlySet<string>;
  readonly log: Log;
}

/** What is wanted as of the last look that could be used. */
export interface Seen {
  readonly entries: readonly ModelEntry[];
  /** By submission id; null for one that can't be used now. */
  readonly submissions: ReadonlyMap<string, Submission | null>;
}

/** A function that looks once; null until there has been a models file that can be used. Never rejects. */
export function modelsWatch({ path, modelsDir, crunchIds, log }: ModelsWatchOptions): () => Promise<Seen | null> {
  const file = settled<string>((text) => text);
  const code = new Map<string, ReturnType<typeof settled<Submission>>>();
  const say = oncePerSubject(log);
  let parsed: { readonly text: string; readonly entries: readonly ModelEntry[] } | null = null;

  return async () => {
    try {
      const text = file(await readModelsText(path));
      if (text !== parsed?.text) {
        const entries = parseModelsFile(text, path);
        const ours = entries.filter(({ crunchId }) => crunchIds.has(crunchId));
        parsed = { text, entries: ours };
        log.info(
          `Read ${ours.length} models of ${[...crunchIds].join(', ')} (${entries.length - ours.length} of others)`,
        );
      }
      say(path, null);
    } catch (error) {
      say(path, parsed ? `${messageOf(error)}\nThe models stay as they are` : messageOf(error));
    }
    if (!parsed) return null;

    const submissions = new Map<string, Submission | null>();
    for (const { submissionId, desiredState } of parsed.entries) {
      if (submissions.has(submissionId) || desiredState === 'STOPPED') continue;
      try {
        const settle = code.get(submissionId) ?? settled<Submission>((seen) => seen.path + seen.fingerprint);
        code.set(submissionId, settle);
        submissions.set(submissionId, settle(await findSubmission(modelsDir, submissionId)));
        say(submissionId, null);
      } catch (error) {
        submissions.set(submissionId, null);
        say(submissionId, `${messageOf(error)}; what runs of it goes on`);
      }
    }
    for (const submissionId of code.keys()) if (!submissions.has(submissionId)) code.delete(submissionId);
    return { entries: parsed.entries, submissions };
  };
}

/** Passes on the first value at once, a changed one when it comes twice in a row; until then the one before. */
function settled<T>(keyOf: (value: T) => string): (value: T) => T {
  let accepted: T | undefined;
  let lastKey: string | undefined;
  return (value) => {
    const key = keyOf(value);
    if (accepted === undefined || key === lastKey) accepted = value;
    lastKey = key;
    return accepted;
  };
}

/** Logs a complaint when it is new for its subject, and not on every look. */
function oncePerSubject(log: Log): (subject: string, complaint: string | null) => void {
  const told = new Map<string, string>();
  return (subject, complaint) => {
    if (complaint === null) told.delete(subject);
    else if (told.get(subject) !== complaint) {
      told.set(subject, complaint);
      log.error(complaint);
    }
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
