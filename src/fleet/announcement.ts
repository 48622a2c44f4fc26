// The orchestrator's messages, parsed at the door. Tolerant: whatever can't be understood is counted and
// left out, the rest of the message stands.

import { z } from 'zod';

/** One element of a message: a deployment of a model, and its state. */
export interface ModelState {
  readonly modelId: string;
  readonly deploymentId: string;
  readonly state: 'running' | 'gone';
  /** Null unless running. */
  readonly address: { readonly host: string; readonly port: number } | null;
  readonly names: Names;
}

export interface Names {
  readonly modelName: string | null;
  readonly cruncherId: string | null;
  readonly cruncherName: string | null;
  readonly cruncherWallet: string | null;
}

export interface Announcement {
  readonly event: 'init' | 'update';
  readonly models: readonly ModelState[];
  /** Elements left out. */
  readonly ignored: number;
}

/** What `text` says; null when it says nothing we know. Never throws. */
export function parseAnnouncement(text: string): Announcement | null {
  const message = Message.safeParse(parseJson(text));
  if (!message.success) return null;
  const models = message.data.data.map(toModelState);
  const known = models.filter((model) => model !== null);
  return { event: message.data.event, models: known, ignored: models.length - known.length };
}

const Message = z.object({ event: z.enum(['init', 'update']), data: z.array(z.unknown()) });

// Names are cut to what a page could ever show; ids, which are compared, are refused when longer.
const nameMaxLength = 256;
const Id = z.union([z.string().min(1).max(256), z.number().int().transform(String)]);
const Name = z
  .string()
  .transform((name) => name.slice(0, nameMaxLength))
  .nullable()
  .catch(null);
const Infos = z.object({
  model_name: Name,
  cruncher_id: Name,
  cruncher_name: Name,
  cruncher_wallet_pubkey: Name,
});
const noNames = { model_name: null, cruncher_id: null, cruncher_name: null, cruncher_wallet_pubkey: null };
const Element = z.object({
  deployment_id: Id,
  model_id: Id,
  infos: Infos.catch(noNames),
  state: z.enum(['RUNNING', 'STOPPED', 'RECOVERING']),
  ip: z.unknown(),
  port: z.unknown(),
});
// Local orchestrators send the port as a string, others as a number. Hosts are names or IP literals.
const Address = z.object({
  host: z.string().regex(/^[\w.:%-]{1,253}$/),
  port: z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).pipe(z.number().int().min(1).max(65535)),
});

function toModelState(element: unknown): ModelState | null {
  const parsed = Element.safeParse(element);
  if (!parsed.success) return null;
  const { model_id: modelId, deployment_id: deploymentId, infos, state, ip, port } = parsed.data;
  const names = {
    modelName: infos.model_name,
    cruncherId: infos.cruncher_id,
    cruncherName: infos.cruncher_name,
    cruncherWallet: infos.cruncher_wallet_pubkey,
  };
  // RECOVERING is temporary; the model returns with a RUNNING, usually on a new address.
  if (state !== 'RUNNING') return { modelId, deploymentId, state: 'gone', address: null, names };
  const host = typeof ip === 'string' ? ip.replace(/^\[(.*)\]$/, '$1') : ip;
  const address = Address.safeParse({ host, port });
  return address.success ? { modelId, deploymentId, state: 'running', address: address.data, names } : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
