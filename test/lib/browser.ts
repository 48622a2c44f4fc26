// A real Chromium, spoken to over its debugging pipe: opens a page, remembers every request the page makes,
// and evaluates expressions in it.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { afterwards, type Cleanup, temporaryFolder } from './condor.ts';

export interface Page {
  /** Addresses of all requests so far, in order. */
  readonly requests: readonly string[];
  /** Uncaught errors and what the page was refused. */
  readonly complaints: readonly string[];
  evaluate<T>(expression: string): Promise<T>;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly sessionId?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

const answerSeconds = 30;
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Why there is no browser; false when there is one. Under CI it is installed when it is missing. */
export function browserMissing(): string | false {
  if (places.some(existsSync)) return false;
  if (process.env.CI !== 'true') return `there is no browser at ${places.join(', ')}`;
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', 'chromium']]) {
    const { status, stderr } = spawnSync('apt-get', args, { encoding: 'utf8', timeout: 300_000 });
    if (status !== 0) throw new Error(`Cannot install a browser: apt-get ${args.join(' ')} said ${stderr}`);
  }
  return false;
}

/** Opens `url`. `prefix`: words before the browser's own, such as those that put it into another network. */
export async function openPage(t: Cleanup, url: string, prefix: readonly string[] = []): Promise<Page> {
  const browser = startBrowser(t, prefix);
  const requests: string[] = [];
  const complaints: string[] = [];
  browser.onEvent((method, params) => {
    if (method === 'Network.requestWillBeSent') requests.push((params.request as { url: string }).url);
    if (method === 'Runtime.exceptionThrown') complaints.push(JSON.stringify(params.exceptionDetails));
    const entry = method === 'Log.entryAdded' ? (params.entry as { level: string; text: string }) : null;
    if (entry?.level === 'error') complaints.push(entry.text);
  });
  const { targetId } = await browser.send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true });
  const send = (method: string, params = {}) => browser.send(method, params, sessionId as string);
  for (const domain of ['Network', 'Runtime', 'Log', 'Page']) await send(`${domain}.enable`);
  await send('Page.navigate', { url });
  return {
    requests,
    complaints,
    async evaluate<T>(expression: string) {
      const answer = await send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
      if (answer.exceptionDetails) throw new Error(`Cannot evaluate ${expression}: ${JSON.stringify(answer)}`);
      return (answer.result as { value: T }).value;
    },
  };
}

function startBrowser(t: Cleanup, prefix: readonly string[]) {
  const program = places.find(existsSync);
  if (program === undefined) throw new Error(`Cannot open a page: there is no browser at ${places.join(', ')}`);
  const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-dev-shm-usage'];
  const profile = `--user-data-dir=${temporaryFolder(t)}`;
  const [command = '', ...args] = [...prefix, program, ...flags, profile, '--remote-debugging-pipe', 'about:blank'];
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], detached: true });
  afterwards(t, () => endBrowser(child));
  const [input, output] = [child.stdio[3] as Writable, child.stdio[4] as Readable];
  input.on('error', () => {}); // the browser's end is told by the calls that time out

  const waiting = new Map<number, (message: Message) => void>();
  let onEvent = (_method: string, _params: Record<string, unknown>) => {};
  let rest = '';
  output.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\0');
    rest = parts.pop() ?? '';
    for (const message of parts.map((part) => JSON.parse(part) as Message)) {
      if (message.id !== undefined) waiting.get(message.id)?.(message);
      else if (message.method !== undefined) onEvent(message.method, message.params ?? {});
    }
  });
  let ids = 0;
  return {
    onEvent(listener: typeof onEvent) {
      onEvent = listener;
    },
    async send(method: string, params: object, sessionId?: string): Promise<Record<string, unknown>> {
      const id = ++ids;
      const answer = await new Promise<Message>((resolve, reject) => {
        const late = () => reject(new Error(`The browser gave no answer to ${method} within ${answerSeconds} s`));
        const timer = setTimeout(late, answerSeconds * 1000);
        waiting.set(id, (message) => {
          clearTimeout(timer);
          resolve(message);
        });
        input.write(`${JSON.stringify({ id, method, params, ...(sessionId && { sessionId }) })}\0`);
      });
      waiting.delete(id);
      if (answer.error) throw new Error(`The browser refused ${method}: ${answer.error.message}`);
      return answer.result ?? {};
    },
  };
}

/** The browser leads a group of its own, which holds all its processes. */
async function endBrowser(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  const ended = new Promise<void>((done) => {
    child.once('exit', () => done());
  });
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    return; // it has ended meanwhile
  }
  await ended;
}
