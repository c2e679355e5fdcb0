// The directory on the node in which one container's runtime makes its Unix socket, and that nobody in the container can change afterwards.
//
// A path that a controller connects to must not be the action's to choose: behind a symbolic link could be the engine's own socket. So the directory
// belongs to the container's user only until our runtime has made the socket, which is before any user code is there; then it is taken
// away, and what is in it must be a socket.
import { chmodSync, chownSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hardening } from '../hardening';
import { socketName } from './create-options';

/** What fits into a socket address on Linux, with the zero at the end. */
const pathBytesMax = 107;

export class SocketDirectory {
  readonly socket: string;

  constructor(readonly path: string) {
    this.socket = join(path, socketName);
  }

  /** Whether a socket can be offered at all there, by this process. */
  static isPossible(path: string): boolean {
    return process.getuid?.() === 0 && Buffer.byteLength(join(path, socketName)) <= pathBytesMax;
  }

  make(): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    chownSync(this.path, hardening.uid, hardening.gid);
  }

  /** Answers the socket's path; undefined if there is none that may be used. */
  seal(): string | undefined {
    chownSync(this.path, 0, 0);
    chmodSync(this.path, 0o755);
    if (lstatSync(this.socket, { throwIfNoEntry: false })?.isSocket() !== true) return undefined;
    chmodSync(this.socket, 0o666);
    return this.socket;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
