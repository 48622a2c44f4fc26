// A model (a participant's program), its deployments, its membership and its cruncher (the person).
// Names come from strangers: they are cleaned here, once, and still escaped wherever they are shown.

export interface Model {
  /** Opaque string from the orchestrator; stable; never concatenated into other ids. */
  readonly modelId: string;
  readonly modelName: string;
  /** The person: wallet, else cruncher id, else `unknown:{modelId}`; never a name. */
  readonly cruncherKey: string;
  readonly cruncherId: string;
  readonly cruncherName: string;
}

/** One running version of a model. */
export interface Deployment {
  readonly deploymentId: string;
  readonly modelId: string;
  /** Market time, unix seconds. */
  readonly seenAt: number;
}

/**
 * From the first successful Setup with history delivered until gone for the game's grace. A redeployment
 * does not interrupt it; after grace the model returns with a new membership.
 */
export interface Membership {
  readonly modelId: string;
  /** Market time, unix seconds. */
  readonly joinedAt: number;
  /** Since when it is disconnected; null while connected. */
  readonly goneAt: number | null;
  /** When grace ran out; null while a member. */
  readonly leftAt: number | null;
}

/** Longest name kept. Longer ones would break every table they are shown in. */
export const nameMaxLength = 64;

/**
 * A stranger's text as a name that can be shown: NFC, trimmed, without control, bidirectional and other
 * invisible formatting characters, white space collapsed, at most `maxLength` characters; `fallback` when
 * nothing is left. Still to be escaped wherever it is shown.
 */
export function cleanName(text: unknown, fallback: string, maxLength: number = nameMaxLength): string {
  if (typeof text !== 'string') return fallback;
  // No name needs more, and normalizing megabytes would be a stranger's way to slow us down.
  const cleaned = text
    .slice(0, maxLength * 16)
    .normalize('NFC')
    .replace(/[\s\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu, '')
    .trim();
  const name = Array.from(cleaned).slice(0, maxLength).join('').trim();
  return name === '' ? fallback : name;
}

/** The person: `wallet`, else `cruncherId`, else `unknown:{modelId}`; never a name. Empty text counts as absent. */
export function cruncherKey(who: {
  readonly wallet: string | null | undefined;
  readonly cruncherId: string | null | undefined;
  readonly modelId: string;
}): string {
  return who.wallet || who.cruncherId || `unknown:${who.modelId}`;
}
