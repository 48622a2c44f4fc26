// A Python with the reference packages, in a virtual environment of its own: made once a machine, then found again
// by the hash of what it holds. Knows nothing of a test runner, so that benches can use it too.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * What the scorers we must agree with run on, and the first of them. The versions whose rules the reference vectors
 * hold: densitypdf 0.1.4 divides by the weights.
 */
const referencePackages: readonly string[] = [
  'scipy==1.10.1',
  'numpy==1.26.4',
  'sortedcontainers==2.4.0',
  'densitypdf==0.1.3',
];
/**
 * The other: 0.15.0 integrates over 1,024 points and rescales the density first. It asks for Python 3.12, which
 * its plots need and its scorer does not.
 */
const withoutDependencies: readonly string[] = ['--no-deps', '--ignore-requires-python', 'crunch-synth==0.13.0'];

/** The interpreter; or, off CI, what is missing, as a sentence. */
export type Python = { readonly path: string } | { readonly path: null; readonly missing: string };

const timeoutMs = 300_000; // for everything together: 100 MB to download, and the slowest mirror we met took two minutes

/**
 * A Python interpreter that can import the reference packages.
 * @throws Error when there is none and `CI` is `true`: a comparison that skips itself would prove nothing.
 */
export async function python(): Promise<Python> {
  const isCi = process.env.CI === 'true';
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    return { path: await environment(isCi, signal) };
  } catch (error) {
    const missing = `Cannot make a Python with ${referencePackages.join(', ')}: ${reasonOf(error, signal)}`;
    if (isCi) throw new Error(missing, { cause: error });
    return { path: null, missing };
  }
}

async function environment(isCi: boolean, signal: AbortSignal): Promise<string> {
  const base = await baseInterpreter(isCi, signal);
  const hash = createHash('sha256')
    .update([base.version, ...referencePackages, ...withoutDependencies].join('\n'))
    .digest('hex')
    .slice(0, 16);
  const folder = join(await cacheFolder(), `python-${hash}`);
  const interpreter = join(folder, 'bin', 'python');
  if (existsSync(interpreter)) return interpreter;
  // Made under another name and moved when it is whole: one that was interrupted, or that another process is
  // making at this moment, is never taken for finished. Only the scripts in bin know where they were made.
  const draft = `${folder}.${process.pid}`;
  try {
    await makeVenv(base.command, draft, isCi, signal);
    const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
    for (const packages of [['--only-binary=scipy,numpy', ...referencePackages], withoutDependencies]) {
      await run(join(draft, 'bin', 'python'), [...install, ...packages], { signal, killSignal: 'SIGKILL' });
    }
    await rename(draft, folder).catch((error: unknown) => {
      if (!existsSync(interpreter)) throw error; // otherwise another process was faster
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return interpreter;
}

/** scipy 1.10.1 has binaries for these versions only, and building it takes a Fortran compiler. */
const minors = [9, 10, 11];

async function baseInterpreter(isCi: boolean, signal: AbortSignal): Promise<{ command: string; version: string }> {
  const found: string[] = [];
  for (const attempt of isCi ? [1, 2] : [1]) {
    if (attempt === 2) await aptInstall(['python3', 'python3-venv'], signal);
    for (const command of ['python3', ...minors.map((minor) => `python3.${minor}`)]) {
      const version = await versionOf(command, signal);
      if (version === null) continue;
      found.push(version);
      if (minors.includes(Number(version.split('.')[1]))) return { command, version };
    }
    if (found.length > 0) break;
  }
  const wanted = `Python 3.${minors[0]} to 3.${minors.at(-1)}`;
  throw new Error(`there must be ${wanted}, there is ${found.length === 0 ? 'none' : found.join(', ')}`);
}

async function versionOf(command: string, signal: AbortSignal): Promise<string | null> {
  try {
    const { stdout } = await run(command, ['-c', 'import platform; print(platform.python_version())'], { signal });
    return stdout.trim();
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function makeVenv(command: string, folder: string, isCi: boolean, signal: AbortSignal): Promise<void> {
  const make = () => run(command, ['-m', 'venv', '--clear', folder], { signal, killSignal: 'SIGKILL' });
  try {
    await make();
  } catch (error) {
    // Debian's python3 comes without it.
    if (!isCi || signal.aborted) throw error;
    await aptInstall(['python3-venv'], signal);
    await make();
  }
}

async function aptInstall(packages: readonly string[], signal: AbortSignal): Promise<void> {
  if (process.getuid?.() !== 0) return; // what is missing is said by the attempt that follows
  const options = { signal, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  await run('apt-get', ['update', '-qq'], options);
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], options);
}

/** The user's, or one beside the temporary files where that can't be written. */
async function cacheFolder(): Promise<string> {
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'condor-coordinator');
  try {
    await mkdir(folder, { recursive: true });
    return folder;
  } catch {
    const temporary = join(tmpdir(), `condor-coordinator-${process.getuid?.() ?? 'user'}`);
    await mkdir(temporary, { recursive: true });
    return temporary;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

/** The last line a failed command wrote, which is where pip and venv say why. */
function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return `not ready after ${timeoutMs / 1000} s`;
  if (!(error instanceof Error)) return String(error);
  const output = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : '';
  return output.split('\n').at(-1) || error.message;
}
