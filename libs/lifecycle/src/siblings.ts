// What makes several processes of one app on one host one: the supervisor hands each of them connections of a port that they share, and passes
// on what one has to tell the others.
//
// Guarantee: once `tell` has resolved, every sibling that was ready had heard it, or `waitMs` have passed: then it may be on its way.
import type { Socket } from 'node:net';

/** From a child to its supervisor. */
export type SiblingMessage =
  /** For all others; answered by `told`. */
  | { type: 'note'; id: number; note: unknown }
  /** The answer to `heard`. */
  | { type: 'heard'; id: number }
  /** It takes no further connections. */
  | { type: 'retired' };

/** From the supervisor to a child. */
export type SupervisorMessage =
  /** What a sibling told; answered by `heard` with this id. */
  | { type: 'note'; id: number; note: unknown }
  /** All have heard the note of this id, or are gone. */
  | { type: 'told'; id: number }
  /** With a socket beside it. */
  | { type: 'connection' };

export interface Siblings {
  /** Resolves when the others have heard it, or soon. */
  tell(note: unknown): Promise<void>;
  onNote(hear: (note: unknown) => void): void;
  /** Connections of the shared port; nothing was read from them. */
  onConnection(take: (socket: Socket) => void): void;
  /** No connection is wanted any more; those that are on their way still come. */
  retire(): void;
}

export function openSiblings(waitMs: number): Siblings {
  const told = new Map<number, () => void>();
  let count = 0;
  let hear: (note: unknown) => void = () => undefined;
  let take: (socket: Socket) => void = (socket) => socket.destroy();
  const send = (message: SiblingMessage): void => {
    if (process.connected) process.send?.(message);
  };
  process.on('message', (message: SupervisorMessage, socket?: unknown) => {
    switch (message.type) {
      case 'connection':
        // Undefined if it ended on its way here.
        if (socket) take(socket as Socket);
        return;
      case 'note':
        hear(message.note);
        return send({ type: 'heard', id: message.id });
      case 'told':
        return told.get(message.id)?.();
    }
  });
  return {
    tell(note) {
      if (!process.connected) return Promise.resolve();
      count += 1;
      const id = count;
      return new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(overdue);
          told.delete(id);
          resolve();
        };
        const overdue = setTimeout(done, waitMs);
        told.set(id, done);
        send({ type: 'note', id, note });
      });
    },
    onNote: (listener) => (hear = listener),
    onConnection: (listener) => (take = listener),
    retire: () => send({ type: 'retired' }),
  };
}
