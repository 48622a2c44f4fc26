// Notices when this process's main thread stands still, so that our delay is never charged to a model.

import { monitorEventLoopDelay } from 'node:perf_hooks';

export interface StallWatch {
  /** Longest stall that ended after `sinceMs` (performance.now), in ms; 0 when there was none worth noting. */
  longestSince(sinceMs: number): number;
  /** 99th percentile and maximum of the event loop's delay since the last call, in ms. */
  takeDelays(): { readonly p99Ms: number; readonly maxMs: number };
  stop(): void;
}

const beatMs = 100;
const notedMs = 200; // a stall shorter than this can't void a round
const kept = 100; // a round lasts a minute at most: a hundred stalls of 200 ms are a third of it

export function watchStalls(): StallWatch {
  const delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  const stalls: { readonly endedAt: number; readonly ms: number }[] = [];
  let lastBeat = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    const ms = now - lastBeat - beatMs;
    lastBeat = now;
    if (ms < notedMs) return;
    stalls.push({ endedAt: now, ms });
    if (stalls.length > kept) stalls.shift();
  }, beatMs);
  timer.unref();

  return {
    longestSince: (sinceMs) => Math.max(0, ...stalls.filter(({ endedAt }) => endedAt > sinceMs).map(({ ms }) => ms)),
    takeDelays() {
      const taken = { p99Ms: delays.percentile(99) / 1e6, maxMs: delays.max / 1e6 };
      delays.reset();
      return taken;
    },
    stop() {
      clearInterval(timer);
      delays.disable();
    },
  };
}
