// Whether something listens at an address: asked before a container is put there, and until its server does.
import { connect, createServer } from 'node:net';

const refused = new Set<string | undefined>(['ECONNREFUSED', 'ECONNRESET']);

/** Whether this process could listen there now. */
export function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Whether a connection is accepted there. */
function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      socket.destroy();
      if (refused.has(error.code)) resolve(false);
      else reject(error);
    });
  });
}

/** Resolves with true once something listens there, or with false as soon as the signal is aborted. */
export async function listens(host: string, port: number, pollMs: number, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    if (await isListening(host, port)) return !signal.aborted;
    await pause(pollMs, signal);
  }
  return false;
}

/** Ends early, without an error, when the signal is aborted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}
