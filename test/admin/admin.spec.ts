// `hearth admin` against a cluster of real processes: what it prints, whom it asks, and what its commands do to calls that run.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { admin } from '#protocol';
import { runAdminCommand, startAdmin } from '../support/admin-command';
import { type Cluster, startCluster } from '../support/cluster';
import { failedOf, OpenLoop } from '../support/open-loop';
import { until } from '../support/until';

// Six processes start here, and the machine may have other things to do.
jest.setTimeout(120_000);

let cluster: Cluster;
const env = (): Record<string, string> => ({ HEARTH_DATA_DIR: cluster.dataDir });

beforeAll(async () => {
  cluster = await startCluster({ controllers: 1, env: { LIMIT_LEADER_LEASE_MS: '1000', NODE_MEMORY_MB: '2048' } });
});
afterAll(() => cluster?.stop());

/** Prints what it should, and nothing else; answers that. */
async function succeed(...words: string[]): Promise<string> {
  const { code, out, said } = await runAdminCommand(words, env());
  expect({ words, code, said }).toEqual({ words, code: 0, said: '' });
  return out;
}

const listed = async <T>(...words: string[]): Promise<T> => JSON.parse(await succeed(...words, '--json')) as T;
const node = async (id: string): Promise<admin.Node> =>
  (await listed<admin.Node[]>('nodes')).find((one) => one.id === id)!;

const slow = 'function main({ ms = 0 }) { return new Promise((done) => setTimeout(done, ms, { ok: true })) }';

describe('what is there', () => {
  beforeAll(async () => {
    await cluster.guest().putAction('seen', slow);
    expect((await cluster.guest().invoke('seen')).status).toBe(200);
  });

  it('is told in tables', async () => {
    expect(await succeed('status')).toMatch(/^leader +scheduler\d, epoch \d+, for [^]+SCHEDULER +ROLE\n[^]+stands by/m);
    expect(await succeed('nodes')).toMatch(/^NODE +STATE [^]+\nnode0 +alive [^]+\nnode1 +alive /);
    expect(await succeed('containers')).toMatch(/^CONTAINER +NODE [^]+guest\|guest\/seen\|/);
    expect(await succeed('actions')).toMatch(/^ACTION [^]+\nguest\|guest\/seen\|\S+ +1 /);
    expect(await succeed('controllers')).toMatch(/^CONTROLLER [^]+\ncontroller0 /);
    expect(await succeed('demands')).toMatch(/^CONTROLLER +ACTION/);
    expect(await succeed('stem-cells')).toMatch(/^KIND [^]+\nnodejs:20 +256 /);
  });

  it('is told as JSON', async () => {
    const [container] = await listed<admin.ContainerRow[]>('containers', '--action', 'guest/seen');
    expect(container).toMatchObject({ kind: 'nodejs:20', owner: 'controller0' });
    const { leader, containers } = await listed<{ leader: object; containers: object }>('status');
    expect(leader).toMatchObject({ schedulerId: expect.stringMatching(/^scheduler/) as string });
    expect(Object.keys(containers)).not.toEqual([]);
    expect(await listed('keys')).toMatchObject([{ actionKey: container!.actionKey, containers: 1 }]);
  });

  it('is told by a standby’s leader, whichever scheduler is asked', async () => {
    const epochs = await Promise.all(
      cluster.schedulers.map(async (scheduler) => {
        const address = cluster.listener(scheduler, 'ADMIN_LISTEN');
        const { leader } = await listed<{ leader: { epoch: string } }>('status', '--address', address);
        return leader.epoch;
      }),
    );
    expect(new Set(epochs).size).toBe(1);
  });
});

describe('a drain under running calls', () => {
  it('empties the node, fails no call, and is undone by giving the node back', async () => {
    const guest = cluster.guest();
    await guest.putAction('busy', slow);
    const load = new OpenLoop(25, async (n) => {
      const answer = await guest.invoke('busy', { ms: n % 8 === 0 ? 400 : 20 });
      return { answer, ...(answer.status === 200 ? {} : { failure: `${answer.status} ${answer.text}` }) };
    });
    try {
      for (const id of ['node0', 'node1']) {
        await until(`${id} has a busy container`, async () => {
          const there = await listed<admin.ContainerRow[]>('containers', '--node', id, '--action', 'guest/busy');
          return there.length > 0;
        });
        const drain = await runAdminCommand(['drain', id, '--wait'], env());
        expect(drain).toMatchObject({ code: 0, out: `${id} is drained.\n` });
        expect(await node(id)).toMatchObject({ draining: true, containers: 0 });
        const agent = id === 'node0' ? 'agent0' : 'agent1';
        expect((await cluster.inventory(agent)).containers).toEqual([]);
        expect(await succeed('return', id)).toBe(`${id} takes containers again.\n`);
      }
    } finally {
      await load.stop();
    }
    expect(failedOf(load.history).map(({ failure }) => failure)).toEqual([]);
    expect(load.history.length).toBeGreaterThan(50);
  });
});

describe('orders', () => {
  it('evict one container', async () => {
    const guest = cluster.guest();
    await guest.putAction('evicted', slow);
    const running = guest.invoke('evicted', { ms: 1_000 });
    const { id } = await until('it runs', async () => {
      const [found] = await listed<admin.ContainerRow[]>('containers', '--action', 'guest/evicted');
      return found?.state === 'busy' && found;
    });
    expect(await succeed('evict', id)).toBe(`${id} goes as soon as nothing runs in it.\n`);
    expect((await running).status).toBe(200);
    await until('it is gone', async () => (await cluster.containers()).every((container) => container.id !== id));
  });

  it('set stem cells, step the leader down, and are watched over the change of leader', async () => {
    const watch = startAdmin(['watch', '--json'], env());
    try {
      await until('it watches', () => watch.printed().said.includes('watching the leader'));
      const events = (): admin.Event[] =>
        watch
          .printed()
          .out.split('\n')
          .filter((line) => line.endsWith('}'))
          .map((line) => JSON.parse(line) as admin.Event);
      const order = ['stem-cells', 'set', 'nodejs:20', '128', '1'];
      expect(await succeed(...order)).toMatch(/nodejs:20 +128 +1 +0 +an operator/);
      await until('it is told', () => events().some(({ subject }) => subject === 'stem-cells'));
      const before = (await cluster.leader())!;
      expect(await succeed('step-down')).toBe(`${before.instance} (epoch ${before.epoch}) stepped down.\n`);
      const cells = await listed<admin.StemCells[]>('stem-cells');
      expect(cells).toContainEqual(expect.objectContaining({ memoryMb: 128, count: 1, setByOperator: true }));
      const after = (await cluster.leader())!;
      expect(after.instance).not.toBe(before.instance);
      expect(after.epoch).toBeGreaterThan(before.epoch);
      await until('it watches the next', () => watch.printed().said.split('watching the leader').length === 3);
      await until('the nodes are there', async () => (await listed<admin.Node[]>('nodes')).length === 2);
      await until('it may be set back', async () => {
        const reset = await runAdminCommand(['stem-cells', 'reset', 'nodejs:20', '128'], env());
        return reset.code === 0;
      });
      await until('the next one tells it too', () => events().some(({ what }) => what === '1 -> 0 on each node'));
      expect(events()).toContainEqual(expect.objectContaining({ subject: 'leader', what: 'steps down' }));
    } finally {
      watch.child.kill('SIGINT');
      await watch.ended;
    }
  });
});

describe('what cannot be done', () => {
  it.each<[string, string[], RegExp]>([
    [
      'a node that nobody knows',
      ['drain', 'nowhere'],
      /^hearth: node "nowhere" is unknown; there are node0, node1\.\n$/,
    ],
    ['a container that nobody knows', ['evict', 'none'], /^hearth: container "none" is unknown; it may have ended/],
    ['a kind that no node offers', ['stem-cells', 'set', 'perl:5', '256', '1'], /^hearth: no node offers the kind/],
  ])('%s: one sentence and exit code 1', async (_, words, sentence) => {
    const { code, out, said } = await runAdminCommand(words, env());
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(said).toMatch(sentence);
  });

  it('a wrong token: refused by leader and standby alike', async () => {
    for (const scheduler of cluster.schedulers) {
      const address = cluster.listener(scheduler, 'ADMIN_LISTEN');
      const wrong = { ADMIN_TOKEN: 'not the token of this cluster' };
      expect(await runAdminCommand(['step-down', '--address', address], wrong)).toEqual({
        code: 1,
        out: '',
        said: 'hearth: the scheduler refuses the token; set ADMIN_TOKEN to that of the schedulers.\n',
      });
    }
  });

  it('no token, no scheduler, no such command', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hearth-admin-none-'));
    try {
      const none = await runAdminCommand(['status'], { HEARTH_DATA_DIR: folder });
      expect(none).toMatchObject({ code: 1, said: expect.stringContaining('there is no admin token') as string });
      const nobody = ['status', '--address', '127.0.0.1:1', '--timeout', '0.1'];
      const alone = await runAdminCommand(nobody, { ADMIN_TOKEN: 'some token or other' });
      expect(alone.said).toContain('no scheduler leads (127.0.0.1:1 nothing listens there)');
      expect(alone.code).toBe(1);
      expect(await runAdminCommand(['drains', 'node0'])).toMatchObject({ code: 2, out: '' });
      const { code, out } = await runAdminCommand(['drain', '--help']);
      expect({ code, isHelp: out.startsWith('Usage: hearth admin') }).toEqual({ code: 0, isHelp: true });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
