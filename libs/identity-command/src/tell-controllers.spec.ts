// What a command has written reaches controllers of other machines through a real Redis, and is never a reason to fail.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { staleChannel } from '#invalidation';
import { RedisServer } from '../../../test/support/redis-server';
import { until } from '../../../test/support/until';
import { tellControllers } from './tell-controllers';

describe('telling controllers', () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'hearth-tell-'))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it('publishes on the channel of that database', async () => {
    const server = await RedisServer.start();
    const listener = new Redis(server.url);
    try {
      const heard: string[] = [];
      listener.on('message', (_channel: string, text: string) => heard.push(text));
      await listener.subscribe(staleChannel(0), staleChannel(3));
      expect(await tellControllers([{ kind: 'subject', name: 'guest' }], directory, `${server.url}/3`)).toEqual([]);
      await until('it is heard', () => heard.length > 0);
      expect(heard).toEqual(['{"kind":"subject","name":"guest"}']);
    } finally {
      listener.disconnect();
      await server.end();
    }
  });

  it('says in a sentence that nobody could be told, without the password', async () => {
    const troubles = await tellControllers(
      [{ kind: 'namespace', name: 'guest' }],
      directory,
      'redis://:s3cret-word@127.0.0.1:1/0',
    );
    expect(troubles).toEqual([expect.stringMatching(/^the controllers of REDIS_URL could not be told \(.+\)$/)]);
    expect(troubles.join()).not.toContain('s3cret');
    expect(await tellControllers([{ kind: 'all', name: '' }], join(directory, 'missing'), undefined)).toEqual([]);
  });
});
