// Which models a local competition plays with where nobody names a folder.

import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { packageRoot } from '../lib/package-root.ts';
import { modelsFileOf } from '../orchestrator/models-file.ts';

/**
 * The folder `models` beside the game when it holds a models file: a game that calls its models in its own way
 * brings its own examples. Else the examples that ship with Condor. `game`: name or path, as `loadGame` takes it.
 */
export function modelsFolderOf(game: string): string {
  const own = join(folderOf(game), 'models');
  return existsSync(modelsFileOf(own)) ? own : join(packageRoot, 'models');
}

function folderOf(game: string): string {
  const shipped = join(packageRoot, 'games', game);
  if (/^[a-z0-9-]+$/.test(game) && existsSync(shipped)) return shipped;
  const path = resolve(game);
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? path : dirname(path);
}
