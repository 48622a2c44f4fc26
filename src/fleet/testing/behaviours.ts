// The ways in which a stub model goes wrong, by name. Each is what a real model, or an attacker, could do.

import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { frameMessage, jsonReply, statusReply } from './answers.ts';

/** What a call meets: its stream, the connection beneath, an honest answer's frame, a timer that ends with the stub. */
export interface Scene {
  readonly stream: ServerHttp2Stream;
  readonly socket: Socket;
  readonly answer: Buffer;
  after(delayMs: number, then: () => void): void;
}

const nothing = () => {};
const hugeBytes = 100 * 1000 * 1000;

const behaviours = {
  honest: nothing, // the stub answers by itself
  /** Takes the call and never answers; the runner is busy for ever. */
  hang: nothing,
  /** Never answers, but takes further calls. */
  silent: nothing,
  /** Destroys the connection; the instance is gone. */
  crash: ({ socket }) => socket.destroy(),
  /** A message that is no protobuf. */
  garbage: ({ stream }) => succeed(stream, frameMessage(Buffer.alloc(12, 0xff))),
  /** Bytes that break HTTP/2, on the open connection. nghttp2 takes them silently and hears nothing any more. */
  'garbage-connection': ({ socket }) => socket.write(Buffer.alloc(4096)), // DATA frames of stream 0
  /** SUCCESS with JSON null. */
  null: ({ stream }) => succeed(stream, frameMessage(jsonReply('null'))),
  /** SUCCESS without a value. */
  none: ({ stream }) => succeed(stream, frameMessage(statusReply('SUCCESS'))),
  /** A message of 100 MB, declared so and sent as fast as it is read. */
  huge: ({ stream }) => pour(stream, hugeBytes),
  /** A valid answer, a byte each 50 ms. */
  trickle: ({ stream, answer, after }) => {
    stream.respond(responseHeaders);
    const drip = (at: number) => {
      if (isGone(stream) || at === answer.length) return;
      stream.write(answer.subarray(at, at + 1));
      after(50, () => drip(at + 1));
    };
    drip(0);
  },
  /** A header block without an end. */
  'endless-headers': ({ stream, socket }) => {
    const id = stream.id ?? 1;
    pourFrames(socket, (n) => rawFrame(n === 0 ? headersFrame : continuationFrame, id, Buffer.alloc(8192, 0x40)));
  },
  /** Frames of a type nobody knows, which every peer must ignore, without an end. */
  flood: ({ socket }) => pourFrames(socket, () => rawFrame(unknownFrame, 0, Buffer.alloc(8192))),
  /** A grpc-status that is no number. */
  'bad-trailers': ({ stream, answer }) => respond(stream, answer, { 'grpc-status': 'fine', 'grpc-message': '%zz' }),
  /** The message, then the end of the stream without trailers. */
  'no-trailers': ({ stream, answer }) => {
    stream.respond(responseHeaders);
    stream.end(answer);
  },
  /** RESOURCE_EXHAUSTED "Server busy". */
  busy: ({ stream }) => refuse(stream, 8, 'Server busy'),
  /** MODEL_FAILED, with characters that want to be removed. */
  raise: ({ stream }) =>
    succeed(stream, frameMessage(statusReply('MODEL_FAILED', 'The model raised an exception: \u202eoh\u0000\nno'))),
  /** What Setup says when there is no model in the code. */
  'bad-implementation': ({ stream }) =>
    succeed(stream, frameMessage(statusReply('BAD_IMPLEMENTATION', 'No subclass found'))),
  /** A frame that claims to be compressed. */
  compressed: ({ stream }) => succeed(stream, frameMessage(Buffer.from('abc'), 1)),
  /** Two messages in one answer. */
  'two-messages': ({ stream, answer }) => succeed(stream, Buffer.concat([answer, answer])),
  /** Declares more bytes than it sends. */
  truncated: ({ stream }) => succeed(stream, frameMessage(Buffer.from('abc'), 0, 1000)),
  unauthenticated: ({ stream }) => refuse(stream, 16, 'TLS certificate hash does not match'),
  unimplemented: ({ stream }) => refuse(stream, 12, 'Method not found'),
  /** An HTTP server that knows no gRPC. */
  'http-404': ({ stream }) => stream.respond({ ':status': 404 }, { endStream: true }),
  /** RST_STREAM (INTERNAL_ERROR) at once. */
  reset: ({ stream }) => stream.close(2),
} satisfies Record<string, (scene: Scene) => void>;

/** How a stub treats one kind of call. */
export type Behaviour = keyof typeof behaviours;

export const everyBehaviour = Object.keys(behaviours) as readonly Behaviour[]; // keys of the literal above

export function misbehave(behaviour: Behaviour, scene: Scene): void {
  behaviours[behaviour](scene);
}

const responseHeaders = { ':status': 200, 'content-type': 'application/grpc' };
const headersFrame = 1;
const continuationFrame = 9;
const unknownFrame = 0x20;

/** A whole answer with status OK. */
export function succeed(stream: ServerHttp2Stream, framed: Buffer): void {
  respond(stream, framed, { 'grpc-status': '0' });
}

/** A gRPC status without a message. */
export function refuse(stream: ServerHttp2Stream, status: number, message: string): void {
  if (isGone(stream)) return;
  stream.respond({ ...responseHeaders, 'grpc-status': String(status), 'grpc-message': message }, { endStream: true });
}

function respond(stream: ServerHttp2Stream, framed: Buffer, trailers: Record<string, string>): void {
  if (isGone(stream)) return;
  stream.respond(responseHeaders, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers(trailers));
  stream.end(framed);
}

function pour(stream: ServerHttp2Stream, bytes: number): void {
  stream.respond(responseHeaders);
  stream.write(frameMessage(Buffer.alloc(0), 0, bytes));
  const chunk = Buffer.alloc(256 * 1024);
  let left = bytes;
  const more = () => {
    while (left > 0 && !isGone(stream)) {
      left -= chunk.length;
      if (!stream.write(chunk)) {
        stream.once('drain', more);
        return;
      }
    }
  };
  more();
}

/** Raw frames as fast as the connection takes them, beside what node:http2 thinks it is saying. */
function pourFrames(socket: Socket, frame: (n: number) => Buffer): void {
  let n = 0;
  const more = () => {
    if (socket.destroyed) return;
    const frames = Array.from({ length: 64 }, () => frame(n++));
    socket.write(Buffer.concat(frames), () => setImmediate(more));
  };
  more();
}

function rawFrame(type: number, streamId: number, payload: Buffer): Buffer {
  const frame = Buffer.alloc(9 + payload.length);
  frame.writeUIntBE(payload.length, 0, 3);
  frame[3] = type;
  frame.writeUInt32BE(streamId, 5);
  payload.copy(frame, 9);
  return frame;
}

function isGone(stream: ServerHttp2Stream): boolean {
  return stream.destroyed || stream.closed;
}
