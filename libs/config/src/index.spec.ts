import { z } from 'zod';
import { BadSettings, databaseUrl, listenAddress, readSettings, secret } from './index';

function complaintsOf(shape: z.ZodRawShape, env: Record<string, string>): readonly string[] {
  try {
    readSettings(shape, env);
  } catch (error) {
    if (error instanceof BadSettings) return error.complaints;
    throw error;
  }
  return [];
}

describe('settings', () => {
  it('names every bad one at once, and what is not set', () => {
    const shape = {
      API_LISTEN: listenAddress,
      NODE_MEMORY_MB: z.coerce.number().int(),
      LEADER_LOCK: z.enum(['local']),
    };
    const found = complaintsOf(shape, { API_LISTEN: 'nowhere', NODE_MEMORY_MB: '', LEADER_LOCK: 'x', LIMIT_X: '1' });
    expect(found).toEqual([
      'LIMIT_X is no limit of Hearth; unset it.',
      'API_LISTEN is "nowhere": expected host:port.',
      expect.stringMatching(/^NODE_MEMORY_MB is not set: /),
      expect.stringMatching(/^LEADER_LOCK is "x": /),
    ]);
  });

  it('quotes no secret', () => {
    const shape = { CLUSTER_SECRET: secret, REDIS_URL: z.string().regex(/^redis:..[^/]+$/, 'expected a URL') };
    expect(complaintsOf(shape, { CLUSTER_SECRET: 'hunter2', REDIS_URL: 'redis://me:hunter2@host:1/99' })).toEqual([
      'CLUSTER_SECRET is not usable: expected at least 16 characters; npm start makes one in the data directory.',
      'REDIS_URL is "redis://...@host:1/99": expected a URL.',
    ]);
    for (const url of ['mysql://me:hunter2@host/db', 'postgres://me:hun/ter2@host:port/db', 'hunter2']) {
      expect(complaintsOf({ DATABASE_URL: databaseUrl }, { DATABASE_URL: url })).toEqual([
        expect.stringMatching(/^DATABASE_URL is not usable: expected postgres:\/\/user:password@host:port\/database;/),
      ]);
    }
    expect(complaintsOf({ DATABASE_URL: databaseUrl }, { DATABASE_URL: 'postgres://me:hun%2Fter2@host/db' })).toEqual(
      [],
    );
  });
});
