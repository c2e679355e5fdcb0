import { BadSettings } from '#config';
import { readControllerSettings } from './config';

const base = {
  HEARTH_DATA_DIR: '/tmp/hearth',
  CLUSTER_SECRET: 'a cluster secret of some length',
  AGENT_TOKEN: 'an agent token of some length',
};

function complaintsOf(env: Record<string, string>): readonly string[] {
  try {
    readControllerSettings({ ...base, ...env });
  } catch (error) {
    if (error instanceof BadSettings) return error.complaints;
    throw error;
  }
  return [];
}

describe('settings of a controller', () => {
  it('needs none of what a cluster has', () => {
    const settings = readControllerSettings(base);
    expect([settings.INTERNAL_LISTEN, settings.INTERNAL_ADVERTISE, settings.REDIS_URL]).toEqual(
      Array(3).fill(undefined),
    );
  });

  it('may listen for other controllers on every address, if it says which one they reach', () => {
    const settings = { INTERNAL_LISTEN: '0.0.0.0:3237', INTERNAL_ADVERTISE: 'host1.example:3237' };
    expect(complaintsOf(settings)).toEqual([]);
    expect(complaintsOf({ INTERNAL_LISTEN: '0.0.0.0:3237' })).toEqual([
      'INTERNAL_LISTEN is on every address (0.0.0.0); set INTERNAL_ADVERTISE to the one that others reach.',
    ]);
    expect(complaintsOf({ INTERNAL_ADVERTISE: 'host1.example:3237' })).toEqual([
      'INTERNAL_ADVERTISE is set, but nothing listens there; set INTERNAL_LISTEN as well.',
    ]);
  });

  it.each([
    ['INTERNAL_LISTEN', '3237', 'expected host:port'],
    ['INTERNAL_ADVERTISE', 'http://host1:3237', 'expected host:port'],
    ['REDIS_URL', 'localhost:6379', 'expected redis://host:port or rediss://host:port'],
  ])('refuses %s=%s', (name, value, complaint) => {
    expect(complaintsOf({ INTERNAL_LISTEN: '127.0.0.1:1', [name]: value })).toEqual([
      `${name} is "${value}": ${complaint}.`,
    ]);
  });

  it('takes keys of parameters as base64 of 32 bytes, and quotes none', () => {
    const [one, two] = [1, 2].map((byte) => Buffer.alloc(32, byte)) as [Buffer, Buffer];
    const env = { PARAMETER_KEY: one.toString('base64'), FORMER_PARAMETER_KEYS: two.toString('base64') };
    const { PARAMETER_KEY, FORMER_PARAMETER_KEYS } = readControllerSettings({ ...base, ...env });
    expect([PARAMETER_KEY, FORMER_PARAMETER_KEYS]).toEqual([one, [two]]);
    const bad = 'hunter2';
    expect(complaintsOf({ PARAMETER_KEY: bad, FORMER_PARAMETER_KEYS: `${env.PARAMETER_KEY},${bad}` })).toEqual(
      ['PARAMETER_KEY', 'FORMER_PARAMETER_KEYS'].map(
        (name) => `${name} is not usable: expected base64 of 32 bytes each, e.g. by openssl rand -base64 32.`,
      ),
    );
  });
});
