// Durations as people write them.

const secondsPer = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** `90s`, `30m`, `48h`, `7d` → seconds. @throws Error naming what was given and what is wanted. */
export function parseDuration(text: string): number {
  const [, amount, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (amount === undefined || Number(amount) === 0) {
    throw new Error(`Cannot read duration "${text}": wanted a whole number and s, m, h or d, such as 90m or 48h`);
  }
  return Number(amount) * secondsPer[unit as keyof typeof secondsPer]; // the expression admits no other unit
}
