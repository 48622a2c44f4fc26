import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** All files below `folder` whose name passes, sorted, so that every machine runs them in one order. */
export function listFiles(folder, passes) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && passes(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}
