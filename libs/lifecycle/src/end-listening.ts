// Ends a listener without a reset for anybody whom the system has accepted for it already.
import { Server } from 'node:net';

/** For connections that come faster than turns end: whoever stops does stop. */
const turnsMost = 100;

/**
 * What waits at a listener that ends is reset by the system, so it is taken first. An immediate comes right after connections were taken, the first
 * one perhaps of the turn that began before this call: so the listener ends after two turns without a new one. `taken`: how many there were so far.
 * Ends the listening only: an HTTP server's own `close` would also cut connections on which a request may be on its way.
 */
export async function endListening(server: Server, taken: () => number): Promise<void> {
  for (let turn = 0, quiet = 0; turn < turnsMost && quiet < 2; turn += 1) {
    const before = taken();
    await new Promise(setImmediate);
    quiet = taken() === before ? quiet + 1 : 0;
  }
  if (server.listening) Server.prototype.close.call(server);
}
