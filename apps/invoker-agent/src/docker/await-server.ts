// Waits until a container's server takes connections, or it ends, or nobody wants it any more.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 2;
/** An address that nobody has yet is not answered at all. */
const tryMs = 250;

export interface AwaitedServer {
  readonly host: string;
  readonly port: number;
  /** Resolves with the reason if the container ends. */
  readonly ended: Promise<string>;
  readonly signal: AbortSignal;
}

/** Answers undefined once the server listens, else why it never will. */
export async function awaitServer({ host, port, ended, signal }: AwaitedServer): Promise<string | undefined> {
  let end: string | undefined;
  void ended.then((reason) => (end = reason));
  while (end === undefined && !signal.aborted) {
    if (await accepts(host, port)) return undefined;
    await sleep(pollMs);
  }
  return end ?? 'given up';
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const answer = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.setTimeout(tryMs, () => answer(false));
    socket.once('connect', () => answer(true));
    // Whatever it is, it does not listen yet.
    socket.once('error', () => answer(false));
  });
}
