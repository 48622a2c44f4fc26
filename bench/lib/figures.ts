// Percentiles and lines of a table, for what benches print.

/** The value below which `share` (0 to 1) of `values` lie; NaN when there are none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Cells in columns: the first to the left, the rest to the right. */
export function tableLine(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
    .join('  ')
    .trimEnd();
}

/** The machine, for the head of a report: figures without it say little. */
export function machine(cores: number, model: string): string {
  return `Node ${process.version}, ${cores} cores (${model.trim()})`;
}
