// Runs one suite with node's own test runner: `node scripts/test.mjs [--expect-node N] unit|system|crash|exploit [name part …]`.
// Only explicit file names work on every Node release, so they are listed here.
import { spawnSync } from 'node:child_process';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from './build.mjs';
import { listFiles } from './files.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folders = {
  unit: ['dist/src', 'dist/games', 'dist/models'],
  system: ['dist/test/system'],
  crash: ['dist/test/crash'],
  exploit: ['dist/test/exploit'],
};

let args = process.argv.slice(2);
if (args[0] === '--expect-node') {
  // A runner that silently falls back to the installed Node would prove nothing.
  const [, wanted, ...rest] = args;
  if (!process.version.startsWith(`v${wanted}.`)) {
    console.error(`Cannot test under Node ${wanted}: this is ${process.version}`);
    process.exit(2);
  }
  console.log(`Node ${process.version}`);
  args = rest;
}
const [suite = 'unit', ...parts] = args;
if (!(suite in folders)) {
  console.error(`Cannot run suite "${suite}": there are ${Object.keys(folders).join(', ')}`);
  process.exit(2);
}
build();
const files = folders[suite]
  .flatMap((folder) => listFiles(join(root, folder), (name) => name.endsWith('.test.js')))
  .filter((file) => parts.length === 0 || parts.some((part) => relative(root, file).includes(part)));
if (files.length === 0) {
  console.error(`Cannot run suite "${suite}": no test file matches ${parts.join(' ') || 'at all'}`);
  process.exit(2);
}
// Whole-system tests own the machine while they run. Unit tests share it: many wait for sockets and servers,
// so four files at a time keep two cores busy (45 s instead of 75 s).
// The search only computes: a file for each core.
const concurrency = { unit: 4, exploit: 2 }[suite] ?? 1;
// A test that waits for ever fails by name instead of stopping everything.
const timeoutMs = suite === 'unit' ? 120_000 : 600_000;
const seed = pathToFileURL(join(root, 'scripts', 'seed.mjs')).href;
const { status } = spawnSync(
  process.execPath,
  [
    '--import',
    seed,
    '--test',
    `--test-timeout=${timeoutMs}`,
    '--enable-source-maps',
    `--test-concurrency=${concurrency}`,
    ...files,
  ],
  { cwd: root, stdio: 'inherit' },
);
process.exit(status ?? 1);
