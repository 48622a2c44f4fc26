// What the WebSocket says about models (wire-protocol 1.2), and how long lists are cut into messages.

import type { ModelEntry } from './models-file.ts';

/** One element of `data`. Every key is always there. */
export interface ModelState {
  readonly deployment_id: string;
  readonly model_id: string;
  readonly infos: {
    readonly model_name: string | null;
    readonly cruncher_id: string | null;
    readonly cruncher_name: string | null;
    readonly cruncher_wallet_pubkey: string | null;
    readonly cruncher_hotkey: string | null;
  };
  readonly state: 'RUNNING' | 'STOPPED' | 'RECOVERING';
  readonly ip: string | null;
  readonly port: number | null;
}

/** The cruncher's id is also the wallet, and stands in for a missing name, as in the existing orchestrator. */
export function infosOf({ modelName, cruncherId, cruncherName }: ModelEntry): ModelState['infos'] {
  return {
    model_name: modelName,
    cruncher_id: cruncherId,
    cruncher_name: cruncherName ?? cruncherId,
    cruncher_wallet_pubkey: cruncherId,
    cruncher_hotkey: null,
  };
}

/** The Python client closes the connection above 1 MiB (1009); the rest is room for the message's own words. */
const messageMaxBytes = 1024 * 1024 - 1024;

/** Messages that say `event` with all `states`: the first as `event`, what does not fit in `update`s behind it. */
export function messagesOf(event: 'init' | 'update', states: readonly ModelState[]): string[] {
  const messages: string[] = [];
  let parts: string[] = [];
  let bytes = 0;
  const close = () => {
    const name = messages.length === 0 ? event : 'update';
    messages.push(`{"event": "${name}", "data": [${parts.join(', ')}]}`);
    parts = [];
    bytes = 0;
  };
  for (const state of states) {
    const part = JSON.stringify(state);
    const partBytes = Buffer.byteLength(part) + 2;
    if (parts.length > 0 && bytes + partBytes > messageMaxBytes) close();
    parts.push(part);
    bytes += partBytes;
  }
  if (parts.length > 0 || messages.length === 0) close();
  return messages;
}
