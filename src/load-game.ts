// Finds a game by name (those that ship with Condor) or by path, and loads it. Every process and every
// scoring thread loads the game for itself.

import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Game } from './domain/game.ts';
import { loadDefaultExport } from './lib/load-module.ts';
import { packageRoot } from './lib/package-root.ts';

/**
 * The game called `nameOrPath`: a folder of `games/`, or a path of a module whose default export is what
 * `defineGame` returned.
 * @throws Error naming what was looked for and what is there.
 */
export async function loadGame(nameOrPath: string): Promise<Game> {
  const game = await loadDefaultExport(await locate(nameOrPath));
  if (!(game instanceof Object && 'requests' in game && 'historySeconds' in game)) {
    throw new Error(`Cannot load game "${nameOrPath}": its default export is not what defineGame returns`);
  }
  return game as Game; // defineGame has checked every field
}

async function locate(nameOrPath: string): Promise<string> {
  if (/^[a-z0-9-]+$/.test(nameOrPath)) {
    const built = join(packageRoot, 'dist', 'games', nameOrPath, 'game.js');
    if (existsSync(built)) return built;
  }
  const path = resolve(nameOrPath);
  if (existsSync(path)) return path;
  const names = (await readdir(join(packageRoot, 'games'), { withFileTypes: true })).filter((entry) =>
    entry.isDirectory(),
  );
  const list = names.map(({ name }) => name).join(', ');
  throw new Error(`Cannot find game "${nameOrPath}": it is neither a path nor one of ${list}`);
}
