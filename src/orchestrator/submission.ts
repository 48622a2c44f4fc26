// A submission: the participant's code, one file or one folder below the models directory. Finds it, and
// tells whether it has changed.

import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';

export interface Submission {
  /** Absolute, links resolved. */
  readonly path: string;
  /** Changes whenever a file of it is written, added or removed. */
  readonly fingerprint: string;
}

/** Files looked at in one folder, twice a second. A model with more should keep its data elsewhere. */
const filesMax = 2000;

/**
 * The submission called `submissionId`.
 * @throws Error naming it when it does not exist, leads out of `modelsDir` by a link, or has too many files.
 */
export async function findSubmission(modelsDir: string, submissionId: string): Promise<Submission> {
  const fail = (reason: string, cause?: unknown) =>
    new Error(`Cannot use submission "${submissionId}": ${reason}`, { cause });
  const root = await realpath(modelsDir).catch((cause: unknown) => {
    throw fail(`there is no models directory "${modelsDir}"`, cause);
  });
  const path = await realpath(join(root, submissionId)).catch((cause: unknown) => {
    throw fail(`there is no such file or folder below "${root}"`, cause);
  });
  if (!path.startsWith(root + sep)) throw fail(`it leads to "${path}", outside of "${root}"`);
  const seen = createHash('sha256');
  const look = (name: string, { mtimeMs, size, ino }: Stats) => seen.update(`${name}\0${mtimeMs}\0${size}\0${ino}\n`);
  const self = await stat(path);
  if (!self.isDirectory()) look('', self);
  else {
    const files = await listFiles(path, '');
    if (files.length > filesMax) throw fail(`it has more than ${filesMax} files`);
    for (const file of files) {
      // A file may vanish between listing and looking: editors save that way.
      const found = await stat(join(path, file)).catch(() => null);
      if (found) look(file, found);
    }
  }
  return { path, fingerprint: seen.digest('hex') };
}

/** Files below a folder, sorted; without hidden ones, installed packages, and what lies behind links to folders. */
async function listFiles(root: string, below: string): Promise<string[]> {
  const files: string[] = [];
  const entries = await readdir(join(root, below), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const name = join(below, entry.name);
    if (entry.isDirectory()) files.push(...(await listFiles(root, name)));
    else files.push(name);
    if (files.length > filesMax) break;
  }
  return files;
}
