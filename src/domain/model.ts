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
