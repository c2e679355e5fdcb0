// Ports: free ones on request, and a look whether the wanted ones can be had before anything is started.
import { createServer } from 'node:net';
import { StartFailure } from './start-failure';

/** Below the range from which systems hand out ports by themselves, so that no connection takes one meanwhile. */
const containerRange = { first: 20_000, last: 31_999, count: 400 };

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Listens for a moment; answers the port. */
function tryListen({ host, port }: Address): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}

/** As many different free loopback ports as asked for. They are free now; nothing reserves them. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) found.add(await tryListen({ host: '127.0.0.1', port: 0 }));
  return [...found];
}

/** A range for containers, as `first-last`, different from one process to the next. */
export function containerPortRange(pid: number): string {
  const { first, last, count } = containerRange;
  const slot = pid % Math.floor((last - first + 1) / count);
  return `${first + slot * count}-${first + (slot + 1) * count - 1}`;
}

const bySetting = (name: string): string => `set ${name} to another host:port (HEARTH_PORTS=free picks free ones)`;

/** Fails with one sentence if one of these listeners (name, host:port) could not be opened; `remedy` says how to choose another. */
export async function requireFree(
  listeners: Readonly<Record<string, string>>,
  remedy: (name: string) => string = bySetting,
): Promise<void> {
  for (const [name, text] of Object.entries(listeners)) {
    const at = text.lastIndexOf(':');
    const address = { host: text.slice(0, at), port: Number(text.slice(at + 1)) };
    if (at < 1 || !Number.isInteger(address.port) || address.port > 65_535 || text.slice(at + 1) === '') {
      throw new StartFailure(`${name} is "${text}": expected host:port.`);
    }
    try {
      await tryListen(address);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const found =
        code === 'EADDRINUSE'
          ? 'another process does'
          : code === 'EACCES'
            ? 'this user may not'
            : `the system says ${message}`;
      throw new StartFailure(`cannot listen on ${text}, ${found}; stop that process, or ${remedy(name)}.`);
    }
  }
}
