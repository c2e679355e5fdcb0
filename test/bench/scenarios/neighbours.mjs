// What others do to a caller who behaves: clients that send their requests a byte at a time, and bodies of a megabyte and of more than is allowed.
import { connect } from 'node:net';
import { errorsIn, firstErrors, ratioOf, rowOf } from '../context.mjs';
import { target } from '../figures.mjs';

const perSecond = 250;
const slowClients = 200;
const slowByteMs = 100;
const hugeBytes = 1_000_000;
const hugePerSecond = 5;
/** Above OpenWhisk's limit of any body; refused before it has arrived. */
const tooHugeBytes = 60_000_000;

/** Connections that never come to an end; the function ends them. */
function startSlowClients({ host, port }) {
  const head = 'POST /api/v1/namespaces/_/actions/noop?blocking=true HTTP/1.1\r\nHost: slow\r\nX-Slow: ';
  const sockets = Array.from({ length: slowClients }, () => connect({ host, port }).on('error', () => undefined));
  let at = 0;
  const timer = setInterval(() => {
    for (const socket of sockets) if (!socket.destroyed) socket.write(head[at] ?? 'x');
    at += 1;
  }, slowByteMs);
  return () => {
    clearInterval(timer);
    for (const socket of sockets) socket.destroy();
  };
}

/** Bodies of a megabyte at a fixed rate, and again and again one that is too large. */
function startHugeBodies(context, platform, huge) {
  const load = context.load(huge, { connections: 2 });
  const running = load.open({ perSecond: hugePerSecond, seconds: 3_600 });
  let isOver = false;
  const { host, port } = platform.endpoint;
  const chunk = Buffer.alloc(65_536, 'x');
  const refused = (async () => {
    while (!isOver) {
      await new Promise((done) => {
        const socket = connect({ host, port });
        const timer = setTimeout(() => socket.destroy(), 2_000);
        socket.on('error', () => undefined);
        socket.on('close', () => (clearTimeout(timer), done()));
        socket.on('data', () => socket.destroy());
        socket.write(
          `POST /api/v1/namespaces/_/actions/noop?blocking=true HTTP/1.1\r\nHost: huge\r\nAuthorization: ${platform.authorization}\r\nContent-Length: ${tooHugeBytes}\r\n\r\n`,
        );
        socket.on('drain', () => socket.write(chunk));
        socket.write(chunk);
      });
      await new Promise((done) => setTimeout(done, 100));
    }
  })();
  return async () => {
    isOver = true;
    load.stop();
    const found = await running;
    await refused;
    return found;
  };
}

export const neighbours = {
  name: 'neighbours',
  about: `one action, open loop at ${perSecond} requests/s: alone, beside ${slowClients} slow clients, beside ${hugePerSecond} bodies of 1 MB a second`,
  isQuick: false,
  anyHost: false,
  targets: ['slow-clients-p50-of-alone', 'huge-bodies-p50-of-alone'],
  async run(context) {
    const platform = await context.ownPlatform({});
    const contender = { ...(await platform.actions(['noop'])), key: 'polite' };
    const body = JSON.stringify({ text: 'x'.repeat(hugeBytes) });
    const huge = { ...(await platform.actions(['huge'], { body })), key: 'huge' };
    const load = context.load(contender, { connections: 4 });
    const measured = () => load.open({ perSecond, seconds: 2 * context.seconds });
    await load.closed({ users: 4, seconds: Math.min(6, 3 * context.seconds) });
    await measured();
    let hugeOk = 0;
    const found = await context.inRounds({
      alone: measured,
      'slow clients': async () => {
        const end = startSlowClients(platform.endpoint);
        try {
          return await measured();
        } finally {
          end();
        }
      },
      'huge bodies': async () => {
        const end = startHugeBodies(context, platform, huge);
        try {
          return await measured();
        } finally {
          const { ok, errors, firstError } = await end();
          hugeOk += ok;
          if (errors > 0) context.say(`  huge bodies, first error: ${firstError}`);
        }
      },
    });
    const rows = Object.entries(found).map(([name, rounds]) =>
      rowOf(name, rounds, {
        'p50 of alone': ratioOf(rounds, found.alone, 'p50Ms'),
        'p99 of alone': ratioOf(rounds, found.alone, 'p99Ms'),
      }),
    );
    return {
      rows,
      notes: [
        `${hugeOk} bodies of ${hugeBytes.toLocaleString('en-US')} bytes were answered meanwhile`,
        ...firstErrors(found),
      ],
      targets: [
        target('slow-clients-p50-of-alone', ratioOf(found['slow clients'], found.alone, 'p50Ms'), '<=', 1.5, ''),
        target('huge-bodies-p50-of-alone', ratioOf(found['huge bodies'], found.alone, 'p50Ms'), '<=', 1.5, ''),
        target('neighbours-errors', errorsIn(...Object.values(found)), '<=', 0, ''),
      ],
    };
  },
};
