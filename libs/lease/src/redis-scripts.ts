// What Redis does in one step beside the lock that redlock keeps: the epoch, and the leader's record.
//
// Every script first checks that the caller holds the lock at that moment, so that none of them changes anything for one who does
// not. Epochs are compared as decimal text and grow by INCR: Lua's numbers are exact to 2^53 only.
import type { Redis } from 'ioredis';

/** KEYS lock, epoch; ARGV value, above. Answers an epoch above `above` and above the stored one, or nil. */
const raiseEpoch = `
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return nil end
  local stored = redis.call('GET', KEYS[2]) or '0'
  local above = ARGV[2]
  if #above > #stored or (#above == #stored and above > stored) then redis.call('SET', KEYS[2], above) end
  redis.call('INCR', KEYS[2])
  return redis.call('GET', KEYS[2])
`;

/** KEYS lock, record; ARGV value, text, milliseconds. */
const tellLeader = `
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
  return 1
`;

/** KEYS lock, record; ARGV value. */
const forgetLeader = `
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
  return redis.call('DEL', KEYS[2])
`;

/** The scripts as methods. */
export interface LeaderCommands {
  raiseEpoch(lock: string, epoch: string, value: string, above: string): Promise<string | null>;
  tellLeader(lock: string, record: string, value: string, text: string, leaseMs: number): Promise<number>;
  forgetLeader(lock: string, record: string, value: string): Promise<number>;
}

export function defineLeaderCommands(redis: Redis): Redis & LeaderCommands {
  const scripts = { raiseEpoch, tellLeader, forgetLeader };
  for (const [name, lua] of Object.entries(scripts)) redis.defineCommand(name, { numberOfKeys: 2, lua });
  return redis as Redis & LeaderCommands;
}
