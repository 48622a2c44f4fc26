// The page at `/`: a few files beside this one, read once and served from memory. No framework, no build
// step, nothing from another origin.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { packageRoot } from '../lib/package-root.ts';
import { createBody, sendBody } from './body.ts';

// The compiler copies no such files into dist, so they are read where they lie in the package.
const folder = join(packageRoot, 'src', 'report', 'page');

export const pageFiles: readonly { readonly path: string; readonly file: string; readonly type: string }[] = [
  { path: '/', file: 'index.html', type: 'text/html; charset=utf-8' },
  { path: '/page/page.css', file: 'page.css', type: 'text/css; charset=utf-8' },
  { path: '/page/table.css', file: 'table.css', type: 'text/css; charset=utf-8' },
  { path: '/page/detail.css', file: 'detail.css', type: 'text/css; charset=utf-8' },
  { path: '/page/page.js', file: 'page.js', type: 'text/javascript; charset=utf-8' },
  { path: '/page/table.js', file: 'table.js', type: 'text/javascript; charset=utf-8' },
  { path: '/page/detail.js', file: 'detail.js', type: 'text/javascript; charset=utf-8' },
  { path: '/page/words.js', file: 'words.js', type: 'text/javascript; charset=utf-8' },
  { path: '/favicon.ico', file: 'icon.svg', type: 'image/svg+xml' },
];

/**
 * What a browser may do on our page: load from here, and nothing else. Trusted types without a policy make
 * every way of turning a string into markup throw, so a name can never become an element.
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

export async function addPage(app: FastifyInstance): Promise<void> {
  for (const { path, file, type } of pageFiles) {
    const body = await createBody(await readFile(join(folder, file), 'utf8'), type);
    app.get(path, async (request, reply) => sendBody(request, reply, body));
  }
}
