import { defaultLimits } from '#limits';
import { checkActionLimits, completeActionLimits, readActionLimits } from './action-limits';
import { actionBoundsOf } from './namespace-bounds';

const bounds = actionBoundsOf({}, defaultLimits);

describe('limits of an action', () => {
  it('start from the defaults, in the order in which they are shown', () => {
    expect(JSON.stringify(completeActionLimits({}, undefined, defaultLimits, bounds))).toBe(
      '{"concurrency":1,"logs":10,"memory":256,"timeout":60000}',
    );
  });

  it('keep what an update does not give', () => {
    const stored = completeActionLimits(
      readActionLimits({ timeout: 100, instances: 3 }),
      undefined,
      defaultLimits,
      bounds,
    );
    expect(
      completeActionLimits(readActionLimits({ memory: 512, timeout: null, foo: 1 }), stored, defaultLimits, bounds),
    ).toEqual({
      concurrency: 1,
      instances: 3,
      logs: 10,
      memory: 512,
      timeout: 100,
    });
  });

  it.each<[unknown, string]>([
    [{ timeout: '1000' }, 'time limit malformed'],
    [{ memory: 'x' }, 'memory limit malformed'],
    [{ timeout: 1.5 }, 'requirement failed: time limit must be whole number'],
    [{ logs: -1 }, 'requirement failed: a negative size of an object is not allowed.'],
    [5, 'JSON object expected'],
  ])('cannot be read from %j', (given, detail) => {
    const message = `The request content was malformed:\n${detail}`;
    expect(() => readActionLimits(given)).toThrow(
      expect.objectContaining({ status: 400, cors: false, message }) as Error,
    );
  });

  it.each<[object, string]>([
    [{ timeout: 99 }, 'requirement failed: duration 99 milliseconds below allowed threshold of 100 milliseconds'],
    [{ timeout: -1 }, 'requirement failed: duration -1 milliseconds below allowed threshold of 100 milliseconds'],
    [
      { timeout: 300_001 },
      'requirement failed: duration 300001 milliseconds exceeds allowed threshold of 300000 milliseconds',
    ],
    [{ memory: 127 }, 'requirement failed: memory size 127 MB below allowed threshold of 128 MB'],
    [{ memory: 513 }, 'requirement failed: memory size 513 MB exceeds allowed threshold of 512 MB'],
    [{ logs: 11 }, 'requirement failed: log size 11 MB exceeds allowed threshold of 10 MB'],
    [{ concurrency: 0 }, 'requirement failed: concurrency 0 below allowed threshold of 1'],
    [{ concurrency: 2 }, 'requirement failed: concurrency 2 exceeds allowed threshold of 1'],
    [{ instances: 31 }, 'Max action instance concurrency must not exceed your namespace concurrency of 30.'],
    [{ instances: 0 }, 'Action container concurrency must be greater than or equal to 1.'],
  ])('may not be %j', (given, message) => {
    expect(() => checkActionLimits(readActionLimits(given), bounds)).toThrow(
      expect.objectContaining({ status: 400, cors: true, message }) as Error,
    );
  });

  it.each([
    { timeout: 100 },
    { timeout: 300_000 },
    { memory: 128 },
    { memory: 512 },
    { logs: 0 },
    { logs: 10 },
    { instances: 30 },
  ])('may be %j', (given) => {
    expect(() => checkActionLimits(readActionLimits(given), bounds)).not.toThrow();
  });
});
