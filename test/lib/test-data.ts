// Where recorded prices and vectors lie. The whole-system check imports nothing of the program, so it looks
// for itself.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { packageRoot } from './package-root.ts';

/**
 * The folder of test data: `CONDOR_TEST_DATA`, else `../shared/data` beside the package; null when there is none.
 * @throws Error under CI, where a test that skips itself would prove nothing.
 */
export function testData(): string | null {
  const folder = resolve(packageRoot, process.env.CONDOR_TEST_DATA || join('..', 'shared', 'data'));
  if (existsSync(folder)) return folder;
  if (process.env.CI === 'true') {
    throw new Error(`Cannot find test data: "${folder}" is not there; set CONDOR_TEST_DATA to its folder`);
  }
  return null;
}
