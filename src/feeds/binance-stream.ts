// One WebSocket connection to Binance from opening to end. Whatever ends it is a value, never an exception.
// `ws` answers the server's pings by itself.

import { WebSocket } from 'ws';
import type { BinanceLimits } from './binance-limits.ts';
import { type Candle, parseStreamMessage } from './binance-messages.ts';
import { retryAfterMs } from './binance-rest.ts';
import type { UnknownShapes } from './unknown-shapes.ts';

export interface BinanceStreamOptions {
  readonly url: string;
  readonly interval: string;
  readonly candleSeconds: number;
  readonly limits: BinanceLimits;
  readonly unknownShapes: UnknownShapes;
  readonly signal: AbortSignal;
  onOpen(): void;
  onClosedCandle(symbol: string, candle: Candle): void;
}

/** Why a connection ended, and how long the server wants us away, if it said so. */
export interface StreamEnd {
  readonly reason: string;
  readonly retryAfterMs: number;
}

const messageBytesMax = 1024 * 1024; // a candle update has about 400 bytes

/** Reads until the connection ends: by the server, by silence, by its age, by a shutdown notice or by `signal`. */
export function readBinanceStream(options: BinanceStreamOptions): Promise<StreamEnd> {
  const { url, interval, candleSeconds, limits, unknownShapes, signal } = options;
  return new Promise((resolve) => {
    const socket = new WebSocket(url, {
      handshakeTimeout: limits.connectTimeoutMs,
      maxPayload: messageBytesMax,
      perMessageDeflate: false,
    });
    const silence = setTimeout(() => end(`no candle update for ${limits.silenceMs} ms`), limits.silenceMs);
    const age = setTimeout(() => end('its time was up: the exchange cuts at 24 h'), limits.connectionMaxMs);
    const abort = () => end('stopped');
    signal.addEventListener('abort', abort, { once: true });

    function end(reason: string, retryMs = 0): void {
      clearTimeout(silence);
      clearTimeout(age);
      signal.removeEventListener('abort', abort);
      socket.removeAllListeners();
      socket.on('error', () => {}); // terminating a socket that is still connecting raises one more error
      socket.terminate();
      resolve({ reason, retryAfterMs: retryMs });
    }

    socket.on('open', () => {
      silence.refresh();
      options.onOpen();
    });
    socket.on('message', (data) => {
      const text = data.toString();
      const message = parseStreamMessage(text, interval, candleSeconds);
      if (message.type === 'unknown') unknownShapes.note(`stream ${message.shape}`, text);
      if (message.type === 'shutdown') end('the server announced its shutdown');
      if (message.type !== 'candle') return;
      silence.refresh();
      if (message.isClosed) options.onClosedCandle(message.symbol, message.candle);
    });
    socket.on('unexpected-response', (_request, { statusCode, headers }) => {
      const get = (name: string) => headers[name]?.toString() ?? null;
      const isBan = statusCode === 429 || statusCode === 418;
      end(`the server answered HTTP ${statusCode}`, isBan ? (retryAfterMs({ get }) ?? limits.banMs) : 0);
    });
    socket.on('close', (code, why) => end(`the server closed it (${code}${why.length > 0 ? ` ${why}` : ''})`));
    socket.on('error', (error) => end((error as NodeJS.ErrnoException).code ?? error.message));
    if (signal.aborted) abort();
  });
}
