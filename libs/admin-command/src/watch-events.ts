// `hearth admin watch`: events of whoever leads, one line each, over every change of leader. What happens between two leaders is not
// told by anybody; that there was such a time is said.
import { type ClientReadableStream, type ServiceError, status } from '@grpc/grpc-js';
import type { admin } from '#protocol';
import { AdminFailure } from './failure';
import { type LeaderClient, sentenceOf } from './leader-client';
import { eventLine, json } from './listings';

interface Output {
  out(text: string): void;
  say(text: string): void;
}

/** Resolves with why it ended. */
function follow(
  stream: ClientReadableStream<admin.Event>,
  tell: (event: admin.Event) => void,
): Promise<ServiceError | undefined> {
  return new Promise((resolve) => {
    stream.on('data', tell);
    stream.on('error', (error: ServiceError) => resolve(error));
    stream.on('end', () => resolve(undefined));
  });
}

/** Until the process is told to end. */
export async function watchEvents(client: LeaderClient, isJson: boolean, { out, say }: Output): Promise<void> {
  for (;;) {
    const stream = await client.watch();
    say(`watching the leader at ${client.current}; Ctrl-C ends it`);
    const error = await follow(stream, (event) => out(isJson ? json(event) : eventLine(event)));
    const isFinal =
      error && ![status.FAILED_PRECONDITION, status.UNAVAILABLE, status.RESOURCE_EXHAUSTED].includes(error.code);
    if (isFinal) throw new AdminFailure(sentenceOf(error));
    say(
      `the leader is gone or does not lead any more (${error ? sentenceOf(error) : 'it ended the stream'}); looking for the next`,
    );
  }
}
