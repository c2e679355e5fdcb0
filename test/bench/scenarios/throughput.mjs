// Throughput over 16 kept connections, closed loop: the platform in three ways to call one action, beside what a bare container and nginx do.
import { errorsIn, firstErrors, ratioOf, rowOf } from '../context.mjs';
import { target } from '../figures.mjs';

const users = 16;
/** Measured: a container costs 150 µs a run until V8 has optimised it, for about 2,000 runs, and each of the platform's is one. */
const warmUpSecondsMax = 5;

export const throughput = {
  name: 'throughput',
  about: `one no-op action, ${users} connections, closed loop`,
  isQuick: true,
  anyHost: true,
  targets: ['hearth-throughput-of-nginx-at-16', 'runtime-throughput-of-bare-node-at-16'],
  async run(context) {
    const single = await context.runtime();
    const platform = await context.platform();
    const many = context.full ? await context.runtimes(users, { overlaps: true }) : undefined;
    const contenders = {
      'bare Node server': await context.bareServer(),
      'bare container': single,
      'nginx, bare container': await context.nginx(single),
      [`nginx, ${users} bare containers`]: many && (await context.nginx(many)),
      'Hearth, blocking': { ...(await platform.actions(['noop'])), key: 'hearth' },
      'Hearth, result=true': {
        ...(await platform.actions(['noop'], { query: 'blocking=true&result=true' })),
        key: 'hearth-result',
      },
      'Hearth, web action': { ...(await platform.actions(['noop-web'], { web: true })), key: 'hearth-web' },
    };
    const acts = {};
    for (const [name, contender] of Object.entries(contenders)) {
      if (contender === undefined) continue;
      acts[name] = () => context.load(contender, { connections: users }).closed({ users, seconds: context.seconds });
      const isFresh = name === 'Hearth, blocking' || name === 'Hearth, web action';
      const seconds = Math.min(warmUpSecondsMax, context.seconds * (isFresh ? 3 : 1));
      await context.load(contender, { connections: users }).closed({ users, seconds });
    }
    const found = await context.inRounds(acts);
    const nginx = found['nginx, bare container'];
    const containers = await platform.containers();
    const rows = Object.entries(found).map(([name, rounds]) =>
      rowOf(name, rounds, {
        'of nginx': ratioOf(rounds, nginx),
        'of bare': ratioOf(rounds, found['bare container']),
        containers: name.startsWith('Hearth') ? containers?.owned : undefined,
      }),
    );
    const notes = firstErrors(found);
    if (nginx === undefined)
      notes.push(
        'no nginx on the PATH (Debian: apt-get install nginx-light); what is compared with it is not measured',
      );
    return {
      rows,
      notes,
      targets: [
        target('hearth-throughput-of-nginx-at-16', ratioOf(found['Hearth, blocking'], nginx), '>=', 0.5, ''),
        target(
          'hearth-errors',
          errorsIn(found['Hearth, blocking'], found['Hearth, result=true'], found['Hearth, web action']),
          '<=',
          0,
          '',
        ),
        target(
          'runtime-throughput-of-bare-node-at-16',
          ratioOf(found['bare container'], found['bare Node server']),
          '>=',
          0.6,
          '',
        ),
      ],
    };
  },
};
