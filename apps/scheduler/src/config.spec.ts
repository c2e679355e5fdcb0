// The scheduler's settings: which policies there are, and what is said of one that there is not.
import { readConfig } from './config';

const secrets = { CLUSTER_SECRET: 'c'.repeat(16), AGENT_TOKEN: 'a'.repeat(16), ADMIN_TOKEN: 'd'.repeat(16) };
const read = (env: Record<string, string>) => readConfig({ HEARTH_DATA_DIR: '/nowhere', ...secrets, ...env });

describe('policies in the settings', () => {
  it('are as ever unless they are named', () => {
    expect(read({}).policies).toEqual({
      placement: 'least-loaded',
      reclaim: 'lru',
      prewarm: 'fixed',
      keepAlive: 'fixed',
    });
    expect(
      read({
        PLACEMENT_POLICY: 'hash-home',
        RECLAIM_POLICY: 'greedy-dual',
        PREWARM_POLICY: 'reactive',
        KEEP_ALIVE_POLICY: 'while-room',
      }).policies,
    ).toEqual({
      placement: 'hash-home',
      reclaim: 'greedy-dual',
      prewarm: 'reactive',
      keepAlive: 'while-room',
    });
  });

  it('that are unknown are refused with the names that there are', () => {
    const complaints = [
      'PLACEMENT_POLICY is "fullest": expected least-loaded, random-of-two, pack, hash-home.',
      'RECLAIM_POLICY is "LRU": expected lru, greedy-dual.',
      'PREWARM_POLICY is "none": expected fixed, reactive.',
    ];
    const env = { PLACEMENT_POLICY: 'fullest', RECLAIM_POLICY: 'LRU', PREWARM_POLICY: 'none' };
    for (const complaint of complaints) expect(() => read(env)).toThrow(complaint);
  });
});
