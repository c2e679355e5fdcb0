// Lets a connection that a server has accepted read into one buffer that all such connections share, as a client's may by `onread`: a server offers no such thing,
// and a buffer for each read costs a fifth of what a bare server spends on a request (docs/performance.md).
//
// Guarantees: the bytes that are handed on are good until the call returns, no longer; the connection counts at its server as long as it is open. This is the only place that
// knows that Node keeps a connection in `_handle`; where it does not, `undefined` is the answer, nothing was done, and 'data' events serve as well.
import { Socket } from 'node:net';

const buffer = Buffer.allocUnsafeSlow(65_536);

/** The parts of a handle that reading into a given buffer needs. */
interface Handle {
  useUserBuffer?: unknown;
}

/** The connection in the form to be used from now on; `accepted` is spent then. It reads at once, until `take` answers false. */
export function readShared(accepted: Socket, take: (bytes: Buffer) => boolean): Socket | undefined {
  const owner = accepted as unknown as { _handle: Handle | null };
  const { _handle: handle } = owner;
  // What is buffered there already would be lost.
  if (typeof handle?.useUserBuffer !== 'function' || accepted.readableLength > 0) return undefined;
  owner._handle = null;
  const options = {
    handle,
    allowHalfOpen: accepted.allowHalfOpen,
    readable: true,
    writable: true,
    onread: {
      buffer,
      callback: (count: number): boolean => take(buffer.subarray(0, count)),
    },
  };
  const socket = new Socket(options);
  // Its server, or whoever handed it on, counts by the end of the one that was accepted.
  socket.once('close', () => accepted.destroy());
  return socket;
}
