// A container that refuses connections: tried again while it may be booting, then given up, since nothing was sent to it.
import type { ReplyHandler } from '#action-container';
import { ManualClock } from '#clock';
import { defaultLimits } from '#limits';
import type { DataPath, InvocationProxy } from './data-path';
import { InitCall } from './init-call';
import type { Invocation } from './invocation';

it('sends an invocation elsewhere whose container has refused connections for initRefusedMs', async () => {
  const clock = new ManualClock(1_000);
  const ends: string[] = [];
  let tries = 0;
  const end = new Promise<void>((resolve) => {
    const path = {
      clock,
      limits: { ...defaultLimits, initConnectRetryMs: 1, initRefusedMs: 1_000 },
      mayUse: () => true,
      linkOf: () => ({
        take: () => ({
          post: (_path: string, _body: string, _left: number, handler: ReplyHandler) => {
            tries += 1;
            clock.advance(250);
            handler.failed('refused');
          },
        }),
      }),
      rescheduled: () => {
        ends.push('rescheduled');
        resolve();
      },
      initEnded: () => {
        ends.push('failed');
        resolve();
      },
    };
    const action = { limits: { timeout: 60_000 }, initEnvironment: {} };
    const invocation = { template: { action, bodies: { init: () => '{}' } }, payload: { keys: [] } };
    const proxy = {} as InvocationProxy;
    new InitCall(path as unknown as DataPath, proxy, invocation as unknown as Invocation, 'code').start();
  });
  await end;
  expect([ends, tries]).toEqual([['rescheduled'], 4]);
});
