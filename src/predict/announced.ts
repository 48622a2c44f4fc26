// What the orchestrator says of a model, as journal entries. Names are strangers' and are cleaned here.

import { cleanName, cruncherKey } from '../domain/model.ts';
import type { JournalEntry } from '../domain/repositories.ts';
import type { Announced } from '../fleet/fleet.ts';

export function modelEntries(announced: Announced, now: number): readonly JournalEntry[] {
  const { modelId, deploymentId, cruncherId, cruncherWallet: wallet } = announced;
  const model = {
    modelId,
    modelName: cleanName(announced.modelName, modelId),
    cruncherKey: cruncherKey({ wallet, cruncherId, modelId }),
    cruncherId: cleanName(cruncherId, ''),
    cruncherName: cleanName(announced.cruncherName, 'Unknown'),
  };
  return [
    { type: 'model', model, seenAt: now },
    { type: 'deployment', deployment: { deploymentId, modelId, seenAt: now } },
  ];
}
