// A Python with the packages of the existing scorers, unmodified, from PyPI: made once, kept in the temporary
// folder under a hash of what was asked for.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

// The versions whose rules the vectors hold: crunch-synth 0.15.0 integrates over 1,024 points and rescales the
// density first, densitypdf 0.1.4 divides by the weights. scipy 1.10.1 needs a Python of 3.8 to 3.11.
const requirements = ['densitypdf==0.1.3', 'numpy==1.26.4', 'scipy==1.10.1', 'sortedcontainers==2.4.0'];
// It asks for Python 3.12, which its plots need and its scorer does not.
const withoutDependencies = ['--no-deps', '--ignore-requires-python', 'crunch-synth==0.13.0'];
const pythons = ['python3.11', 'python3.10', 'python3.9', 'python3'];
const minuteMs = 60_000;
const run = promisify(execFile);

/** The path of the interpreter; null where there is no Python of 3.9 to 3.11, or a package can't be had. */
export async function pythonEnvironment(): Promise<string | null> {
  const hash = createHash('sha256')
    .update(JSON.stringify([requirements, withoutDependencies]))
    .digest('hex');
  const folder = join(tmpdir(), `condor-python-${hash.slice(0, 12)}`);
  const python = join(folder, 'bin', 'python');
  const whole = join(folder, 'whole'); // written last: without it, an interrupted installation is done again
  if (existsSync(whole)) return python;
  try {
    await run(await suitablePython(), ['-m', 'venv', '--clear', folder], { timeout: 2 * minuteMs });
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    await run(python, [...install, ...requirements], { timeout: 10 * minuteMs });
    await run(python, [...install, ...withoutDependencies], { timeout: 2 * minuteMs });
  } catch (error) {
    const { message } = error as Error; // execFile and suitablePython reject with errors
    console.error(`Cannot make the reference's Python environment: ${message.slice(0, 500)}`);
    return null;
  }
  writeFileSync(whole, '');
  return python;
}

async function suitablePython(): Promise<string> {
  const check = 'import sys; sys.exit(not (3, 9) <= sys.version_info[:2] <= (3, 11))';
  for (const python of pythons) {
    const isSuitable = await run(python, ['-c', check], { timeout: minuteMs }).then(
      () => true,
      () => false,
    );
    if (isSuitable) return python;
  }
  throw new Error('needs a Python of 3.9 to 3.11, has none');
}
