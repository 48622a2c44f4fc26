// One gRPC unary call on one HTTP/2 stream, framed by hand: sends a request, gathers one bounded message,
// reads the trailers. The peer is a stranger: everything it sends is counted before it is kept.
//
// States: waiting (request sent, nothing whole yet) → done. Done comes once, by the first of: message,
// trailers and end of stream; a broken rule; the deadline; the stream's end without trailers. Whatever
// comes after done is ignored.

import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from 'node:http2';
import type { Cause } from '../domain/prediction.ts';
import { explainStatus } from './wire-status.ts';

/** What a call brought: the message's bytes (in a buffer of their own), or why there are none. */
export type CallEnd =
  | { readonly message: Uint8Array }
  | { readonly message: null; readonly cause: Cause; readonly detail: string };

export interface CallOptions {
  readonly session: ClientHttp2Session;
  readonly authority: string;
  readonly path: string;
  /** The gRPC frame: five bytes of prefix and the request. */
  readonly framed: Uint8Array;
  readonly timeoutMs: number;
  readonly answerMaxBytes: number;
  readonly budget: Budget;
  onEnd(end: CallEnd): void;
  /** The stream is gone, whenever that is; never before `onEnd`. */
  onClosed(): void;
}

/** Bytes of answers in flight in all threads together. */
export interface Budget {
  /** False when there is no room; nothing is taken then. */
  take(bytes: number): boolean;
  giveBack(bytes: number): void;
}

const prefixBytes = 5;
// Answers of the usual size are gathered without growing. A declared length is a stranger's word: memory
// follows what has come, not what was promised.
const firstBufferBytes = 64 * 1024;
// Informational (1xx) header blocks before the answer; gRPC knows none.
const informationalMax = 4;

export class UnaryCall {
  readonly #options: CallOptions;
  readonly #stream: ClientHttp2Stream;
  readonly #deadline: NodeJS.Timeout;
  readonly #prefix = Buffer.alloc(prefixBytes);
  #prefixFilled = 0;
  #message: Buffer | null = null;
  #messageLength = 0;
  #filled = 0;
  #taken = 0;
  #status: { readonly code: string; readonly message: string } | null = null;
  #informational = 0;
  #done = false;

  /** Sends the request at once. */
  constructor(options: CallOptions) {
    this.#options = options;
    const { session, authority, path, framed, timeoutMs } = options;
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      ':authority': authority,
      te: 'trailers',
      'content-type': 'application/grpc',
      'user-agent': 'condor',
      'grpc-timeout': grpcTimeout(timeoutMs),
      'grpc-accept-encoding': 'identity',
    });
    this.#stream = stream;
    stream.on('headers', () => {
      this.#informational += 1;
      if (this.#informational > informationalMax) this.#fail('undecodable', 'too many informational headers');
    });
    stream.on('response', (headers) => this.#onHeaders(headers));
    stream.on('data', (chunk: Buffer) => this.#onData(chunk));
    stream.on('trailers', (trailers) => this.#onStatus(trailers));
    stream.on('end', () => {
      if (this.#status !== null) this.#finish();
    });
    stream.on('error', () => {}); // 'close' follows and tells the same
    stream.on('close', () => {
      this.#onClose();
      options.onClosed();
    });
    // A deadline that is due while answers wait in the kernel gives them one turn of the event loop: our own
    // delay is not the model's.
    this.#deadline = setTimeout(
      () => setImmediate(() => this.#fail('timeout', 'no answer before the deadline')),
      Math.max(0, timeoutMs),
    );
    stream.end(framed);
  }

  /** Bytes of answer that have come, whatever became of them. */
  get receivedBytes(): number {
    return this.#taken;
  }

  /** Ends the call from our side, now. */
  cancel(cause: Cause, detail: string): void {
    this.#fail(cause, detail);
  }

  #onHeaders(headers: IncomingHttpHeaders & IncomingHttpStatusHeader): void {
    if (headers[':status'] !== 200) {
      this.#fail(Number(headers[':status']) === 503 ? 'crashed' : 'undecodable', `HTTP status ${headers[':status']}`);
    } else if (headers['grpc-status'] !== undefined) {
      this.#onStatus(headers);
    } else if (!headers['content-type']?.startsWith('application/grpc')) {
      this.#fail('undecodable', `content type "${headers['content-type'] ?? ''}", wanted application/grpc`);
    }
  }

  #onStatus(trailers: IncomingHttpHeaders): void {
    const code = trailers['grpc-status'];
    if (typeof code !== 'string' || !/^\d{1,3}$/.test(code)) {
      this.#fail('undecodable', `bad trailers: grpc-status is "${String(code ?? '')}"`);
      return;
    }
    this.#status = { code, message: String(trailers['grpc-message'] ?? '') };
  }

  #onData(chunk: Buffer): void {
    if (this.#done) return;
    if (!this.#options.budget.take(chunk.length)) {
      this.#fail('oversize', 'all answers in flight together exceed what the fleet keeps in memory');
      return;
    }
    this.#taken += chunk.length;
    let at = 0;
    while (at < chunk.length && !this.#done) at += this.#gather(chunk.subarray(at));
  }

  /** Takes in a part of `chunk`; returns how many bytes. */
  #gather(chunk: Buffer): number {
    if (this.#prefixFilled < prefixBytes) {
      const taken = chunk.copy(this.#prefix, this.#prefixFilled, 0, prefixBytes - this.#prefixFilled);
      this.#prefixFilled += taken;
      if (this.#prefixFilled === prefixBytes) this.#onPrefix();
      return taken;
    }
    const room = this.#messageLength - this.#filled;
    if (room === 0 || this.#message === null) {
      this.#fail('undecodable', 'more than one message in a unary answer');
      return chunk.length;
    }
    const length = Math.min(room, chunk.length);
    if (this.#filled + length > this.#message.length) this.#message = this.#grown(this.#message, this.#filled + length);
    chunk.copy(this.#message, this.#filled, 0, length);
    this.#filled += length;
    return length;
  }

  #onPrefix(): void {
    if (this.#prefix[0] !== 0) {
      this.#fail('undecodable', 'the answer is compressed, which was not offered');
      return;
    }
    const length = this.#prefix.readUInt32BE(1);
    const { answerMaxBytes } = this.#options;
    if (length > answerMaxBytes) {
      this.#fail('oversize', `the answer has ${length} bytes, at most ${answerMaxBytes} are accepted`);
      return;
    }
    this.#messageLength = length;
    // Unpooled, so that the buffer can be transferred to the main thread.
    this.#message = Buffer.allocUnsafeSlow(Math.min(length, firstBufferBytes));
  }

  #grown(message: Buffer, needed: number): Buffer {
    const larger = Buffer.allocUnsafeSlow(Math.min(this.#messageLength, Math.max(needed, message.length * 2)));
    message.copy(larger, 0, 0, this.#filled);
    return larger;
  }

  /** The stream has ended in order and there is a status. */
  #finish(): void {
    const { code, message } = this.#status ?? { code: '', message: '' };
    if (code !== '0') {
      const { cause, detail } = explainStatus(Number(code), message);
      this.#fail(cause, detail);
    } else if (this.#message === null) {
      this.#fail('undecodable', 'an answer without a message');
    } else if (this.#filled < this.#messageLength) {
      this.#fail('undecodable', `the answer ends after ${this.#filled} of ${this.#messageLength} bytes`);
    } else {
      // The bytes stay counted in the budget until the main thread has handed them on.
      this.#options.budget.giveBack(this.#taken - this.#filled);
      this.#end({ message: this.#message });
    }
  }

  /** Without a status before it, the end of the stream means that the peer is gone (gRPC: UNAVAILABLE). */
  #onClose(): void {
    if (this.#done) return;
    if (this.#status !== null) {
      this.#finish();
      return;
    }
    const code = this.#stream.rstCode;
    if (code === constants.NGHTTP2_REFUSED_STREAM) this.#fail('refused', 'the runner refused the stream');
    else if (this.#options.session.destroyed) this.#fail('crashed', 'connection lost during the call');
    else this.#fail('crashed', `the stream ended without trailers (HTTP/2 code ${code})`);
  }

  #fail(cause: Cause, detail: string): void {
    if (this.#done) return;
    this.#options.budget.giveBack(this.#taken);
    this.#end({ message: null, cause, detail });
  }

  #end(end: CallEnd): void {
    this.#done = true;
    this.#message = null;
    clearTimeout(this.#deadline);
    // A stream that both sides have ended closes by itself. Closing it here would send RST_STREAM after every
    // answer, and an HTTP/2 server ends a session that resets more than 33 streams a second.
    const isEndedByBoth = end.message !== null && this.#stream.writableFinished;
    if (!this.#stream.closed && !isEndedByBoth) this.#stream.close(constants.NGHTTP2_CANCEL);
    this.#options.onEnd(end);
  }
}

/** At most eight digits and a unit, rounded up. */
function grpcTimeout(timeoutMs: number): string {
  const ms = Math.max(1, Math.ceil(timeoutMs));
  return ms < 1e8 ? `${ms}m` : `${Math.ceil(ms / 1000)}S`;
}
