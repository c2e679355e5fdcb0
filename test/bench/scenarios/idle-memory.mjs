// What a whole platform takes that has nothing to do: three apps and their supervisor, without a container.
import { setTimeout as sleep } from 'node:timers/promises';
import { median, target } from '../figures.mjs';
import { manifestWith } from '../platform.mjs';

/** After the start's garbage is gone or not: nobody asks for anything. */
const settleMs = 5_000;
const apps = ['controller', 'scheduler', 'agent'];

export const idleMemory = {
  name: 'idle-memory',
  about: 'resident memory of a platform without containers, 5 s after its start',
  isQuick: true,
  anyHost: false,
  targets: ['hearth-idle-resident'],
  async run(context) {
    const rounds = [];
    for (let round = 0; round < (context.full ? context.rounds : 1); round += 1) {
      const platform = await context.ownPlatform({ RUNTIMES_MANIFEST: manifestWith(context.children, 0) });
      await sleep(settleMs);
      rounds.push(platform.residentMb());
      await context.endScenario();
    }
    const of = (name) => median(rounds.map((each) => each[name]));
    const sum = median(rounds.map((each) => apps.reduce((total, name) => total + each[name], 0)));
    const rows = [...apps, 'supervisor'].map((name) => ({ what: name, 'resident MB': of(name) }));
    return {
      rows: [...rows, { what: 'the three apps', 'resident MB': sum }],
      targets: [target('hearth-idle-resident', sum, '<=', 350, ' MB')],
    };
  },
};
