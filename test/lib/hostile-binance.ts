// A Binance on loopback with one-second candles of a made-up market, that can hang, die or be slow.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { afterwards, type Cleanup } from './condor.ts';

/**
 * `hang`: requests and upgrades are never answered, open streams fall silent. `dead`: every connection is
 * reset. `slow`: everything comes a second and a half late.
 */
export type Mood = 'honest' | 'hang' | 'dead' | 'slow';

export interface HostileBinance {
  readonly env: Readonly<Record<string, string>>;
  mood: Mood;
}

const slowMs = 1_500;
const rowsMost = 1_000;
const lookMs = 20; // how late a candle may come

export async function startHostileBinance(t: Cleanup, mood: Mood = 'honest'): Promise<HostileBinance> {
  const http = createServer((request, response) => void answer(request, response));
  const sockets = new WebSocketServer({ noServer: true });
  const connections = new Set<Socket>();
  const binance = { mood, env: {} };

  http.on('connection', (socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    if (binance.mood === 'dead') socket.destroy();
  });
  http.on('upgrade', (request, stream, head) => {
    stream.on('error', () => {});
    if (binance.mood === 'hang') return;
    sockets.handleUpgrade(request, stream, head, (socket) => socket.on('error', () => {}));
  });
  let newest = Math.floor(Date.now() / 1000) - 1;
  const timer = setInterval(() => {
    for (const opening = Math.floor(Date.now() / 1000) - 1; newest < opening; newest += 1) tick(newest + 1);
  }, lookMs);

  function tick(opening: number): void {
    if (binance.mood === 'dead') for (const socket of connections) socket.destroy();
    if (binance.mood === 'hang' || binance.mood === 'dead') return;
    const send = () => {
      for (const socket of sockets.clients) sendCandles(socket, opening);
    };
    setTimeout(send, binance.mood === 'slow' ? slowMs : 0).unref();
  }

  async function answer({ url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
    if (binance.mood === 'hang') return;
    if (binance.mood === 'slow') await new Promise((resolve) => setTimeout(resolve, slowMs).unref());
    const query = new URL(url, 'http://localhost').searchParams;
    const from = Math.ceil(Number(query.get('startTime')) / 1000);
    const to = Math.min(Number(query.get('endTime') ?? Infinity) / 1000, Date.now() / 1000 - 1);
    const rows: unknown[] = [];
    for (let opening = from; opening <= to && rows.length < rowsMost; opening += 1) {
      const [t, price] = [opening * 1000, priceAt(opening)];
      rows.push([t, price, price, price, price, '1.0', t + 999, '1.0', 1, '1.0', '1.0', '0']);
    }
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(rows));
  }

  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo; // it listens on TCP
  binance.env = {
    CONDOR_PRICES: 'live',
    CONDOR_BINANCE_REST_URL: `http://127.0.0.1:${port}`,
    CONDOR_BINANCE_STREAM_URL: `ws://127.0.0.1:${port}`,
  };
  afterwards(t, async () => {
    clearInterval(timer);
    for (const socket of connections) socket.destroy();
    await new Promise((resolve) => http.close(resolve));
  });
  return binance;
}

function sendCandles(socket: WebSocket, opening: number): void {
  for (const s of ['BTCUSDT', 'ETHUSDT']) {
    const [t, c] = [opening * 1000, priceAt(opening)];
    const k = { t, T: t + 999, s, i: '1s', o: c, c, h: c, l: c, v: '1.0', n: 1, x: true, q: '1.0' };
    const data = { e: 'kline', E: t + 1010, s, k };
    socket.send(JSON.stringify({ stream: `${s.toLowerCase()}@kline_1s`, data }));
  }
}

function priceAt(opening: number): string {
  return (1000 + (opening % 997) / 100).toFixed(8);
}
