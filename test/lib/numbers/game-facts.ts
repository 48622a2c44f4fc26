// What the specification says about `condor`, written down a second time: the check must not take it from
// the program it checks.

import { isGoldOpen } from './gold-hours.ts';

export interface GameFacts {
  readonly assets: readonly AssetFacts[];
  readonly profiles: readonly ProfileFacts[];
  /** Lengths in seconds. */
  readonly windows: Readonly<Record<WindowName, number>>;
  readonly candleSeconds: number;
  readonly missingPoints: number;
}

export interface AssetFacts {
  readonly symbol: string;
  readonly weight: number;
  /** Whether the instant belongs to open time. */
  readonly isOpen: (t: number) => boolean;
  /** The game's own volatility of one minute, for when less than 360 returns are known. */
  readonly volatility: number;
}

export interface ProfileFacts {
  readonly name: string;
  readonly horizonSeconds: number;
  readonly stepSeconds: number;
  readonly everySeconds: number;
}

export type WindowName = 'recent' | 'steady' | 'anchor';

export const windowNames: readonly WindowName[] = ['recent', 'steady', 'anchor'];

const always = () => true;

export const condorFacts: GameFacts = {
  assets: [
    { symbol: 'BTC', weight: 1, isOpen: always, volatility: 5.1e-4 },
    { symbol: 'ETH', weight: 1, isOpen: always, volatility: 1.05e-3 },
    { symbol: 'XAU', weight: 1, isOpen: isGoldOpen, volatility: 3.2e-4 },
    { symbol: 'SOL', weight: 1, isOpen: always, volatility: 1.05e-3 },
  ],
  profiles: [
    { name: '24h', horizonSeconds: 86_400, stepSeconds: 300, everySeconds: 3_600 },
    { name: '1h', horizonSeconds: 3_600, stepSeconds: 60, everySeconds: 720 },
  ],
  windows: { recent: 86_400, steady: 3 * 86_400, anchor: 7 * 86_400 },
  candleSeconds: 60,
  missingPoints: -0.2,
};
