// Where tests find recorded prices and reference vectors. They are never part of the package.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { packageRoot } from './package-root.ts';

/**
 * The folder of test data: `CONDOR_TEST_DATA`, by default `../shared/data` beside the package. Null when it
 * is not there, so that a test can skip and say so.
 * @throws Error when it is not there and `CI` is `true`: continuous integration must not skip.
 */
export function testData(): string | null {
  // biome-ignore lint/style/noProcessEnv: only tests call this, and they may read the environment
  const { CONDOR_TEST_DATA, CI } = process.env;
  const folder = resolve(packageRoot, CONDOR_TEST_DATA ?? '../shared/data');
  if (existsSync(folder)) return folder;
  if (CI === 'true') throw new Error(`Cannot run tests on recorded data: "${folder}" is not there`);
  return null;
}
