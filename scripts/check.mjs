// What every change must pass: format, lint, types, unit tests.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

for (const [name, ...args] of [
  ['format and lint', join('node_modules', '@biomejs', 'biome', 'bin', 'biome'), 'check', '--error-on-warnings', '.'],
  ['types', join('node_modules', 'typescript', 'bin', 'tsc'), '-b'],
  ['unit tests', join('scripts', 'test.mjs'), 'unit'],
]) {
  console.log(`> ${name}`);
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
