// One answer, serialized once: its text, its gzip, and a strong ETag for each of the two. Compression and
// ETags are done here by hand since a plug-in for each would give both encodings the same strong ETag.

import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';

const gzipAsync = promisify(gzip);
const gzipFrom = 1024; // bytes; below, one packet carries it as it is

export interface Body {
  readonly type: string;
  readonly plain: Buffer;
  /** Null where it would not help. */
  readonly zipped: Buffer | null;
  /** Without quotes; the zipped form's has `-gzip` behind it. */
  readonly tag: string;
}

export const jsonType = 'application/json; charset=utf-8';

/** `fast` for answers that are sent once; otherwise the time is spent, since the answer is kept. */
export async function createBody(text: string, type: string, { fast = false } = {}): Promise<Body> {
  const plain = Buffer.from(text);
  const level = fast ? constants.Z_BEST_SPEED : constants.Z_DEFAULT_COMPRESSION;
  const zipped = plain.length < gzipFrom ? null : await gzipAsync(plain, { level });
  return { type, plain, zipped, tag: createHash('sha256').update(plain).digest('base64url').slice(0, 22) };
}

/** Sends `body` in the form the caller takes, or 304 when it has that already. */
export function sendBody(request: FastifyRequest, reply: FastifyReply, body: Body): FastifyReply {
  const zipped = takesGzip(request.headers['accept-encoding']) ? body.zipped : null;
  const etag = zipped === null ? `"${body.tag}"` : `"${body.tag}-gzip"`;
  reply.header('etag', etag).header('vary', 'accept-encoding').header('cache-control', 'no-cache');
  if (knows(request.headers['if-none-match'], body.tag)) return reply.code(304).send();
  reply.type(body.type);
  if (zipped !== null) reply.header('content-encoding', 'gzip');
  return reply.send(zipped ?? body.plain);
}

function takesGzip(header: string | string[] | undefined): boolean {
  return String(header ?? '')
    .toLowerCase()
    .split(',')
    .some((part) => {
      const [name, ...parameters] = part.split(';').map((piece) => piece.trim());
      return (name === 'gzip' || name === '*') && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    });
}

/** Either encoding's tag will do: who has the zipped form of this version has this version. */
function knows(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((part) => {
    const candidate = part.trim().replace(/^W\//, '');
    return candidate === '*' || candidate === `"${tag}"` || candidate === `"${tag}-gzip"`;
  });
}
