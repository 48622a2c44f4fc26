// The price path of one simulated asset, computed in blocks of 10,080 candles (a week of minutes) that need
// no other block: a bounded random level at each block boundary, and between two boundaries the sum of the
// candles' returns, bent evenly over the open candles so that it ends on the next level. A whole week in one
// block keeps a weekend's closing inside it; a block that is closed throughout leaves a gap in price.

import { createNoise, exponential, lattice, triangular, uniform } from './noise.ts';

export interface SimulatedAsset {
  readonly symbol: string;
  /** The level the price wanders about. */
  readonly price: number;
  /** Standard deviation of one candle's log-return. */
  readonly candleVolatility: number;
  /** Whether a price at this instant (unix seconds) exists; default always. */
  readonly isOpen?: (instant: number) => boolean;
}

export interface SimulatedMarket {
  /** The price of the candle that ends at `candle` · candleSeconds; NaN when the market is closed then. */
  priceOf(candle: number): number;
}

const blockCandles = 10_080;
const blocksMax = 8; // 30 days of minutes lie in at most 6 blocks; 8 are 0.65 MB an asset

// Log-volatility: octaves of smooth noise from a quarter of an hour to days (of one-minute candles).
const volatilityOctaves = [
  { candles: 16, weight: 0.12 },
  { candles: 64, weight: 0.16 },
  { candles: 256, weight: 0.24 },
  { candles: 1024, weight: 0.25 },
  { candles: 4096, weight: 0.25 },
];
const seasonHeight = 0.2; // busiest at 15:00 UTC, quietest at 03:00
const jumpChance = 1 / 1500; // one a day of minutes
const jumpSizes = { from: 4, to: 8 }; // in candle volatilities
// Innovation = normal-like × 1/√(tailFloor + u): a smooth scale mixture with bounded moments.
const tailFloor = 0.05;
// Divides the result so that a long path has the asset's volatility; measured over 600 paths of 30 days.
const measuredScale = 2.1;

// Level: octaves from one block to 16, amplitude growing with √length as a random walk's would.
const levelOctaves = [1, 2, 4, 8, 16];
const levelStep = 50; // candle volatilities: half of √10,080, so that neighbouring levels differ as a path's ends do
const levelStepMax = 0.04; // keeps block boundaries within a factor of 3 of the asset's price, however wild it is

/** @throws Error when price or volatility are not usable numbers. */
export function createSimulatedMarket(seed: number, candleSeconds: number, asset: SimulatedAsset): SimulatedMarket {
  const { symbol, price, candleVolatility, isOpen = () => true } = asset;
  requirePositive(symbol, 'price', price);
  requirePositive(symbol, 'candleVolatility', candleVolatility);
  const noise = (name: string) => createNoise(`${seed}/${symbol}/${name}`);
  const bellNoise = [noise('bell 0'), noise('bell 1')] as const;
  const tailNoise = noise('tail');
  const jumpNoise = noise('jump');
  const jumpSizeNoise = noise('jump size');
  const volatilityNoise = volatilityOctaves.map((octave) => ({
    ...octave,
    noise: noise(`volatility ${octave.candles}`),
  }));
  const levelNoise = levelOctaves.map((blocks) => ({ blocks, noise: noise(`level ${blocks}`) }));
  const levelUnit = Math.min(levelStep * candleVolatility, levelStepMax);
  const ticksPerUnit = ticksFor(price * Math.min(1e-6, candleVolatility / 50));
  const blocks = new Map<number, Float64Array>(); // in order of last use

  function levelAt(block: number): number {
    let level = 0;
    for (const { blocks, noise } of levelNoise) level += Math.sqrt(blocks) * lattice(noise, block / blocks);
    return level * levelUnit;
  }

  function returnOf(candle: number): number {
    let logVolatility = 0;
    for (const { candles, weight, noise } of volatilityNoise)
      logVolatility += weight * lattice(noise, candle / candles);
    const [first, second] = [bellNoise[0](candle), bellNoise[1](candle)];
    const bell = (triangular(first) + triangular(second)) * Math.SQRT1_2;
    const innovation = bell / Math.sqrt(tailFloor + uniform(tailNoise(candle)));
    const scaled = innovation * exponential(logVolatility) * season(candle * candleSeconds);
    return (scaled / measuredScale + jump(candle)) * candleVolatility;
  }

  function jump(candle: number): number {
    if (uniform(jumpNoise(candle)) >= jumpChance) return 0;
    const place = 2 * uniform(jumpSizeNoise(candle)) - 1;
    const size = jumpSizes.from + (jumpSizes.to - jumpSizes.from) * Math.abs(place);
    return place < 0 ? -size : size;
  }

  function computeBlock(block: number): Float64Array {
    const path = new Float64Array(blockCandles).fill(Number.NaN);
    let sum = 0;
    let open = 0;
    for (let index = 0; index < blockCandles; index += 1) {
      const candle = block * blockCandles + index + 1;
      if (!isOpen(candle * candleSeconds)) continue;
      sum += returnOf(candle);
      open += 1;
      path[index] = sum;
    }
    const start = levelAt(block);
    const bend = (levelAt(block + 1) - start - sum) / open;
    let passed = 0;
    return path.map((returns) => {
      if (Number.isNaN(returns)) return returns;
      passed += 1;
      return Math.round(price * exponential(start + returns + bend * passed) * ticksPerUnit) / ticksPerUnit;
    });
  }

  return {
    priceOf(candle) {
      const block = Math.floor((candle - 1) / blockCandles);
      let path = blocks.get(block);
      if (path === undefined) {
        path = computeBlock(block);
      } else {
        blocks.delete(block);
      }
      blocks.set(block, path);
      if (blocks.size > blocksMax) blocks.delete(blocks.keys().next().value as number); // the map is not empty
      return path[candle - 1 - block * blockCandles] as number; // within the block by construction
    },
  };
}

/** A triangle wave over the day, mean 1. */
function season(instant: number): number {
  const hours = (instant % 86_400) / 3600;
  const fromPeak = Math.abs(((hours - 15 + 36) % 24) - 12);
  return 1 + seasonHeight * (1 - fromPeak / 6);
}

/** The power of ten whose reciprocal is at most `tick`, at least 1. */
function ticksFor(tick: number): number {
  let ticks = 1;
  while (1 / ticks > tick && ticks < 1e12) ticks *= 10;
  return ticks;
}

function requirePositive(symbol: string, name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new Error(`Cannot simulate asset "${symbol}": ${name} must be a finite number > 0, is ${value}`);
}
