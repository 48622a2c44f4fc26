// Loads a TypeScript or JavaScript file by path, without a build step. The name `condor-coordinator`
// leads to the running build, so that there is one copy of our code in the process. jiti does not
// type-check; an author's editor does.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createJiti, type Jiti } from 'jiti';
import { packageRoot } from './package-root.ts';

let loader: Promise<Jiti> | undefined;

/** Given as a virtual module and not by alias: jiti would run our compiled files through babel once more. */
async function createLoader(): Promise<Jiti> {
  const ours: unknown = await import(pathToFileURL(join(packageRoot, 'dist', 'src', 'index.js')).href);
  return createJiti(pathToFileURL(join(packageRoot, 'package.json')).href, {
    fsCache: false,
    moduleCache: false,
    virtualModules: { 'condor-coordinator': ours },
  });
}

/**
 * The default export of the module at `path` (absolute).
 * @throws Error naming the path, with the author's error as `cause`, when it can't be loaded or has none.
 */
export async function loadDefaultExport(path: string): Promise<unknown> {
  loader ??= createLoader();
  const jiti = await loader;
  const module = await jiti.import<{ default?: unknown }>(path).catch((cause: unknown) => {
    throw new Error(`Cannot load "${path}": ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  });
  if (module.default === undefined) throw new Error(`Cannot load "${path}": it has no default export`);
  return module.default;
}
