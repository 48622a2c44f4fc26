// Finds the file that holds a model: the path itself, or the entry of a folder.

import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const entries = ['model', 'main', 'index'].flatMap((name) => ['.ts', '.mts', '.js', '.mjs'].map((end) => name + end));

/**
 * Absolute path of the model's file.
 * @throws Error naming what was looked for.
 */
export function locateModel(fileOrFolder: string): string {
  const path = resolve(fileOrFolder);
  const kind = statSync(path, { throwIfNoEntry: false });
  if (kind?.isFile()) return path;
  if (!kind?.isDirectory()) throw new Error(`Cannot find model "${path}": there is no such file or folder`);
  for (const entry of entries) {
    const file = join(path, entry);
    if (statSync(file, { throwIfNoEntry: false })?.isFile()) return file;
  }
  throw new Error(`Cannot find model in "${path}": it holds none of model.ts, main.ts, index.ts (or .js)`);
}
