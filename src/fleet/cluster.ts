// Who is announced, and what a message changes about it. Pure: no sockets, no time. The state rules are
// wire-protocol.md 1.3; how a change is carried out (a replacement is ready before the old one goes) is the
// fleet's business.

import type { Announcement, ModelState, Names } from './announcement.ts';

/** A deployment that runs, as last announced. */
export interface AnnouncedDeployment {
  readonly modelId: string;
  readonly deploymentId: string;
  readonly host: string;
  readonly port: number;
  readonly names: Names;
}

/** Model id → its announced deployment. */
export type Cluster = ReadonlyMap<string, AnnouncedDeployment>;

export type ClusterChange =
  /** The model is new, or has another deployment or address than before. */
  | { readonly type: 'deployed'; readonly deployment: AnnouncedDeployment; readonly isNew: boolean }
  | { readonly type: 'renamed'; readonly deployment: AnnouncedDeployment }
  | { readonly type: 'removed'; readonly modelId: string };

/** The state after `announcement`, and the net changes, at most two a model (deployed, renamed). */
export function applyAnnouncement(
  cluster: Cluster,
  announcement: Announcement,
): { readonly cluster: Cluster; readonly changes: readonly ClusterChange[] } {
  const next = new Map(cluster);
  for (const model of announcement.models) applyModel(next, model);
  if (announcement.event === 'init') {
    const listed = new Set(announcement.models.map(({ modelId }) => modelId));
    for (const modelId of cluster.keys()) if (!listed.has(modelId)) next.delete(modelId);
  }
  return { cluster: next, changes: changesBetween(cluster, next, touched(announcement, cluster)) };
}

function applyModel(cluster: Map<string, AnnouncedDeployment>, model: ModelState): void {
  const { modelId, deploymentId, address, names } = model;
  if (address !== null) cluster.set(modelId, { modelId, deploymentId, ...address, names });
  // A late STOPPED of a replaced deployment must not remove its successor.
  else if (cluster.get(modelId)?.deploymentId === deploymentId) cluster.delete(modelId);
}

/** Models that may have changed: an update of one model costs nothing for the thousand others. */
function touched({ event, models }: Announcement, cluster: Cluster): Iterable<string> {
  const ids = new Set(models.map(({ modelId }) => modelId));
  if (event === 'init') for (const modelId of cluster.keys()) ids.add(modelId);
  return ids;
}

function changesBetween(before: Cluster, after: Cluster, modelIds: Iterable<string>): ClusterChange[] {
  const changes: ClusterChange[] = [];
  for (const modelId of modelIds) {
    const old = before.get(modelId);
    const deployment = after.get(modelId);
    if (deployment === undefined) {
      if (old !== undefined) changes.push({ type: 'removed', modelId });
      continue;
    }
    if (old !== undefined && !isSameNames(old.names, deployment.names)) changes.push({ type: 'renamed', deployment });
    if (old === undefined || !isSameRun(old, deployment)) {
      changes.push({ type: 'deployed', deployment, isNew: old === undefined });
    }
  }
  return changes;
}

/** Whether a connection to one is a connection to the other. */
export function isSameRun(a: AnnouncedDeployment, b: AnnouncedDeployment): boolean {
  return a.deploymentId === b.deploymentId && a.host === b.host && a.port === b.port;
}

function isSameNames(a: Names, b: Names): boolean {
  return (
    a.modelName === b.modelName &&
    a.cruncherId === b.cruncherId &&
    a.cruncherName === b.cruncherName &&
    a.cruncherWallet === b.cruncherWallet
  );
}
