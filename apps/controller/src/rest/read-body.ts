// Reads a request's body up to a limit. A body that turns out longer is refused as soon as that is known, and read no further.
import type { IncomingMessage } from 'node:http';
import { rejections } from '#entity';

export function readBody(
  request: IncomingMessage,
  bytesMax: number,
  done: (error: Error | undefined, body: Buffer) => void,
): void {
  let first: Buffer | undefined;
  let more: Buffer[] | undefined;
  let bytes = 0;
  let isDone = false;
  const finish = (error: Error | undefined, body: Buffer): void => {
    if (isDone) return;
    isDone = true;
    done(error, body);
  };
  request.on('data', (chunk: Buffer) => {
    if (isDone) return;
    bytes += chunk.length;
    if (bytes > bytesMax) {
      finish(rejections.requestTooLarge(bytes, bytesMax), Buffer.alloc(0));
      return;
    }
    if (!first) first = chunk;
    else (more ??= [first]).push(chunk);
  });
  request.on('end', () => finish(undefined, more ? Buffer.concat(more) : (first ?? Buffer.alloc(0))));
  // The client is gone: nobody reads an answer.
  request.on('error', (error) => finish(error, Buffer.alloc(0)));
}
