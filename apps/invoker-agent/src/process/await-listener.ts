// Waits until a container's server listens, or tells why it never will.
import type { LogSource } from '../logs/log-source';
import { listens } from './readiness';

/** How often a starting server is looked for; a connection attempt on loopback costs 0.1 ms. */
const pollMs = 2;
const lastWordsBytes = 500;

/** Whatever the container is; resolves with how it ended. */
export interface EndingProcess {
  readonly exited: Promise<string>;
}

export interface Awaited {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Rejects, with the reason and what the process wrote, if it ends, is given up, or the time passes before it listens. */
export async function awaitListener(process: EndingProcess, logs: LogSource, awaited: Awaited): Promise<void> {
  const { id, host, port, timeoutMs, signal } = awaited;
  const over = new AbortController();
  let reason = '';
  const end = (why: string): void => {
    reason ||= why;
    over.abort();
  };
  const giveUp = (): void => end('its creation was given up');
  const timer = setTimeout(() => end(`it did not listen on ${host}:${port} within ${timeoutMs} ms`), timeoutMs);
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  void process.exited.then((exit) => end(`it ${exit} before it listened on ${host}:${port}`));
  try {
    if (await listens(host, port, pollMs, over.signal)) return;
    const words = lastWords(logs);
    throw new Error(`container ${id} was not created: ${reason}${words && `; it wrote: ${words}`}.`);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}

function lastWords(logs: LogSource): string {
  const bytes = Buffer.alloc(lastWordsBytes);
  return bytes.toString('utf8', 0, logs.peek('stderr', bytes)).trim();
}
