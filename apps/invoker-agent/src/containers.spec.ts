import { ManualClock } from '#clock';
import { defaultLimits } from '#limits';
import { silentLogger } from '#telemetry';
import type { ContainerDriver } from './container-driver';
import { Containers } from './containers';
import type { ContainerRecord } from './ledger/container-record';
import type { Ledger } from './ledger/ledger';
import type { LogCollector } from './logs/log-collector';
import type { StateFiles } from './state-files';

it.each([
  ['ran out of memory: all of it', true],
  ['exited with code 1', false],
])(
  'says of a container that %s why it ended, also once the scheduler has had it removed',
  async (reason, outOfMemory) => {
    const records = new Map([['a', {} as ContainerRecord]]);
    let exit: (id: string, reason: string) => void = () => undefined;
    const containers = new Containers({
      ledger: { exited: () => true, get: (id: string) => records.get(id) } as unknown as Ledger,
      files: {} as StateFiles,
      driver: { onExit: (listener: typeof exit) => (exit = listener) } as unknown as ContainerDriver,
      logs: { exited: () => undefined } as unknown as LogCollector,
      clock: new ManualClock(),
      limits: defaultLimits,
      logger: silentLogger,
      parallelCreations: 1,
      onExit: () => records.clear(),
      onCreated: () => undefined,
      onLogged: () => undefined,
    });
    exit('a', reason);
    expect(await containers.ending('a')).toEqual({ ended: true, outOfMemory });
    expect(await containers.ending('b')).toEqual({ ended: true, outOfMemory: false });
  },
);
