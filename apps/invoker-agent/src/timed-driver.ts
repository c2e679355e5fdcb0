// A driver that tells how long each of its operations took, and is otherwise the one below it.
import type { Clock } from '#clock';
import type { ContainerDriver, ContainerSpec } from './container-driver';

export type TimedOperation = 'create' | 'suspend' | 'resume' | 'wipe' | 'remove' | 'log';

/** Also of those that failed: an engine that hangs should be seen. */
export type Observe = (operation: TimedOperation, isDone: boolean, ms: number) => void;

export function timedDriver(driver: ContainerDriver, clock: Clock, observe: Observe): ContainerDriver {
  const timed = <Args extends unknown[], T>(
    operation: TimedOperation,
    act: (...args: Args) => Promise<T>,
  ): ((...args: Args) => Promise<T>) => {
    return async (...args) => {
      const from = clock.now();
      let isDone = false;
      try {
        const answer = await act(...args);
        isDone = true;
        return answer;
      } finally {
        observe(operation, isDone, clock.now() - from);
      }
    };
  };
  const over: Partial<ContainerDriver> = {
    create: timed('create', (spec: ContainerSpec, timeoutMs: number, signal: AbortSignal) =>
      driver.create(spec, timeoutMs, signal),
    ),
    suspend: timed('suspend', (id: string) => driver.suspend(id)),
    resume: timed('resume', (id: string) => driver.resume(id)),
    ...(driver.wipe && {
      wipe: timed('wipe', (spec: ContainerSpec, timeoutMs: number) => driver.wipe!(spec, timeoutMs)),
    }),
    remove: timed('remove', (id: string) => driver.remove(id)),
  };
  return new Proxy(driver, {
    get(target, name) {
      const own = over[name as keyof ContainerDriver];
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
