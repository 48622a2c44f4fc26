// Builds what is stale. tsc keeps its record inside dist and never deletes there, so an output without a
// source (a removed test would go on running) or a lost output means starting over.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listFiles } from './files.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const record = join(dist, 'tsconfig.node.tsbuildinfo');
const inputs = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.node.json'];

/** Compiles, unless the last build is newer than every source. Ends the process on a compile error. */
export function build() {
  const sources = ['src', 'games', 'models', 'test', 'bench'].flatMap((folder) =>
    listFiles(join(root, folder), (name) => name.endsWith('.ts') && !name.endsWith('.d.ts')),
  );
  const outputs = new Set(sources.map(outputOf));
  const isWhole = [...outputs].every(existsSync) && listFiles(dist, isScript).every((file) => outputs.has(file));
  const newest = Math.max(...sources.map(modifiedAt), ...inputs.map((name) => modifiedAt(join(root, name))));
  if (isWhole && modifiedAt(record) >= newest) return;
  const hasOrphans = listFiles(dist, isScript).some((file) => !outputs.has(file));
  const hasLost =
    existsSync(record) &&
    sources.some((source) => modifiedAt(source) < modifiedAt(record) && !existsSync(outputOf(source)));
  if (hasOrphans || hasLost) rmSync(dist, { recursive: true, force: true });
  compile();
}

function compile() {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  if (!existsSync(tsc)) {
    console.error('Cannot build: the compiler is missing; run "npm install" (with dev dependencies) first');
    process.exit(1);
  }
  const { status } = spawnSync(process.execPath, [tsc, '-b'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function outputOf(source) {
  return join(dist, relative(root, source).replace(/\.ts$/, '.js'));
}

function isScript(name) {
  return name.endsWith('.js');
}

function modifiedAt(file) {
  return existsSync(file) ? statSync(file).mtimeMs : -1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build();
