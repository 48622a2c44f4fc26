// Messages an adapter did not understand: all counted, each shape logged whole once.

import type { Log } from '../lib/log.ts';

export interface UnknownShapes {
  readonly count: number;
  note(shape: string, text: string): void;
}

const shapesMax = 100; // a peer that sends ever new shapes must not fill memory and log
const textMax = 16_384; // characters; the largest known message has 400

export function createUnknownShapes(log: Log, source: string): UnknownShapes {
  const logged = new Set<string>();
  let count = 0;
  return {
    get count() {
      return count;
    },
    note(shape, text) {
      count += 1;
      if (logged.has(shape) || logged.size >= shapesMax) return;
      logged.add(shape);
      log.warn({ source, shape, text: text.slice(0, textMax) }, 'message of unknown shape, logged once');
    },
  };
}
