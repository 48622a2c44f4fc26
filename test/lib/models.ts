// A folder of models for `--models`: a models file and one small file for each.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TestModel {
  readonly id: string;
  readonly name?: string;
  readonly cruncher?: string;
  /** The body of `predict(asset, horizonSeconds, stepSeconds)`. */
  readonly predict: string;
}

/** A plain and honest forecast: the same normal for every step. */
export const honest = (scale: number) =>
  `return Array.from({ length: horizonSeconds / stepSeconds }, () => normal(0, ${scale} * Math.sqrt(stepSeconds)));`;

/** Takes `seconds` to answer live questions; those of a replayed past it answers at once. */
export const slow = (seconds: number) =>
  `const isLive = (this.prices.last(asset)?.pricedAt ?? 0) > Date.now() / 1000 - 5;
    if (isLive) await new Promise((resolve) => setTimeout(resolve, ${seconds * 1000}));
    ${honest(3e-4)}`;

/** Says in `file` that it has begun, and never ends. */
export const endless = (file: string) =>
  `(globalThis as any).process.getBuiltinModule('fs').writeFileSync(${JSON.stringify(file)}, ''); for (;;) {}`;

export function writeModels(folder: string, crunchId: string, models: readonly TestModel[]): string {
  mkdirSync(folder, { recursive: true });
  for (const { id, predict } of models) {
    writeFileSync(
      join(folder, `model-${id}.ts`),
      `import { Model, normal } from 'condor-coordinator';
export default class Test extends Model {
  override async predict(asset: string, horizonSeconds: number, stepSeconds: number) {
    ${predict}
  }
}
`,
    );
  }
  const entries = models.map(({ id, name = `Model ${id}`, cruncher = 'Tester' }) => ({
    id,
    submission_id: `model-${id}.ts`,
    crunch_id: crunchId,
    desired_state: 'RUNNING',
    model_name: name,
    cruncher_id: `cruncher-${id}`,
    cruncher_name: cruncher,
  }));
  writeFileSync(join(folder, 'models.dev.yml'), JSON.stringify({ models: entries })); // JSON is YAML
  return folder;
}
