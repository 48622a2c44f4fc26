// Where the package lies. Tests run from dist/test, so package.json is somewhere above.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const packageRoot: string = findRoot(dirname(fileURLToPath(import.meta.url)));

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  if (dirname(folder) === folder) throw new Error(`Cannot find package.json above "${import.meta.url}"`);
  return findRoot(dirname(folder));
}
