import { defaultLimits } from '#limits';
import {
  actionBoundsOf,
  keepsActivations,
  parametersBytesOf,
  payloadBytesOf,
  truncationBytesOf,
} from './namespace-bounds';
import { checkActionLimits, completeActionLimits } from './action-limits';

describe('bounds of a namespace', () => {
  it('are the system’s where it says nothing', () => {
    expect(actionBoundsOf({}, defaultLimits)).toEqual({
      memory: { min: 128, max: 512 },
      logs: { min: 0, max: 10 },
      timeout: { min: 100, max: 300_000 },
      concurrency: { min: 1, max: 1 },
      instancesMax: 30,
    });
    expect([parametersBytesOf({}, defaultLimits), payloadBytesOf({}, defaultLimits)]).toEqual([1_048_576, 1_048_576]);
    expect(keepsActivations({})).toBe(true);
    expect(keepsActivations({ storeActivations: false })).toBe(false);
  });

  it('narrow the system’s, and never widen them', () => {
    const own = { minActionMemory: 200, maxActionMemory: 1_024, maxActionTimeout: 1_000, minActionLogs: 2 };
    expect(actionBoundsOf({ ...own, concurrentInvocations: 5, maxActionInstances: 9 }, defaultLimits)).toMatchObject({
      memory: { min: 200, max: 512 },
      logs: { min: 2, max: 10 },
      timeout: { min: 100, max: 1_000 },
      instancesMax: 5,
    });
    const sizes = { maxParameterSize: 10, maxPayloadSize: 2_000_000, truncationSize: 99 };
    expect([parametersBytesOf(sizes, defaultLimits), payloadBytesOf(sizes, defaultLimits)]).toEqual([10, 1_048_576]);
    expect(truncationBytesOf(sizes, defaultLimits)).toBe(99);
    expect(truncationBytesOf({ maxPayloadSize: 50, truncationSize: 99 }, defaultLimits)).toBe(50);
  });

  it('hold for what an action asks for, in the system’s words, and for what it does not name', () => {
    const bounds = actionBoundsOf({ maxActionMemory: 200, maxActionTimeout: 5_000, minActionLogs: 3 }, defaultLimits);
    expect(completeActionLimits({}, undefined, defaultLimits, bounds)).toMatchObject({
      memory: 200,
      timeout: 5_000,
      logs: 10,
    });
    expect(() => checkActionLimits({ memory: 256 }, bounds)).toThrow(
      'requirement failed: memory size 256 MB exceeds allowed threshold of 200 MB',
    );
    expect(() => checkActionLimits({ logs: 2 }, bounds)).toThrow(
      'requirement failed: log size 2 MB below allowed threshold of 3 MB',
    );
  });
});
