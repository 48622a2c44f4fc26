// Runs one bench: `node scripts/bench.mjs NAME [argument …]`; without a name, lists them. What each measures
// is said in bench/README.md.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { listFiles } from './files.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
// Parts of benches lie in folders of their own.
const names = listFiles(join(root, 'bench'), (name) => name.endsWith('.ts'))
  .filter((file) => dirname(file) === join(root, 'bench'))
  .map((file) => basename(file, '.ts'));

const [name, ...args] = process.argv.slice(2);
if (name === undefined || !names.includes(name)) {
  if (name !== undefined) console.error(`Cannot run bench "${name}": there is none of that name`);
  console.log(`npm run bench -- NAME, where NAME is one of: ${names.join(', ')}`);
  process.exit(name === undefined ? 0 : 2);
}
build();
const file = join(root, 'dist', 'bench', `${name}.js`);
if (!existsSync(file)) throw new Error(`Cannot find "${file}" after building`);
const { status } = spawnSync(process.execPath, ['--enable-source-maps', file, ...args], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
