// A record that got damaged in the store, whichever it is: what asks for that one is told so, and everything else goes on.
import Database from 'libsql';
import { join } from 'node:path';
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';

const broken = '{"version":"0.0.1","ex';

/** As a disk or a careless operator may do it, while Hearth runs. */
async function damage(platform: Platform, statement: string): Promise<void> {
  if (platform.postgres) return void (await platform.postgres.ask(statement));
  const database = new Database(join(platform.dataDir, 'hearth.db'), { timeout: 20_000 });
  try {
    database.exec(statement);
  } finally {
    database.close();
  }
}

export function describeDamage(store: string): void {
  describe(`a damaged record (${store})`, () => {
    let platform: Platform;
    let guest: Guest;
    beforeAll(async () => {
      platform = await startPlatform();
      guest = new Guest(platform);
    }, 90_000);
    afterAll(() => platform.stop(), 60_000);

    const names = async (collection: string): Promise<string[]> => {
      const answer = await guest.call('GET', collection);
      expect(answer.status).toBe(200);
      return (answer.json as unknown as { name: string }[]).map(({ name }) => name).sort();
    };
    const isDamaged = async (method: string, path: string, body?: unknown): Promise<void> => {
      const answer = await guest.call(method, path, body);
      expect([method, path, answer.status, answer.json.error]).toEqual([
        ...[method, path, 500],
        'Resource is corrupted and cannot be read.',
      ]);
    };

    it('of an entity: 500 with the documented text for that one, also in the middle of a package, and lists go on', async () => {
      await guest.call('PUT', 'packages/pack', {});
      for (const name of ['first', 'second', 'pack/third', 'pack/fourth'])
        await guest.putAction(name, 'function main(args) { return args }');
      await guest.call('PUT', 'triggers/bell', {});
      await guest.call('PUT', 'triggers/gong', {});
      await damage(
        platform,
        `update entities set document = '${broken}' where namespace = 'guest' and name in ('second', 'fourth', 'gong')`,
      );
      for (const path of ['actions/second', 'actions/pack/fourth', 'triggers/gong']) await isDamaged('GET', path);
      await isDamaged('POST', 'actions/second?blocking=true', {});
      await isDamaged('POST', 'actions/second', {});
      await isDamaged('POST', 'triggers/gong', {});
      expect(await names('actions')).toEqual(['first', 'third']);
      expect(await names('actions/pack/')).toEqual(['third']);
      expect(await names('triggers')).toEqual(['bell']);
      expect((await guest.call('GET', 'packages/pack')).json.actions).toMatchObject([{ name: 'third' }]);
      await isDamaged('DELETE', 'packages/pack?force=true');
      for (const name of ['first', 'pack/third']) expect((await guest.invoke(name, { n: 1 })).status).toBe(200);
    });

    it('of an activation: the same, and the others are there', async () => {
      const ids = await Promise.all(
        [1, 2, 3].map(async (n) => (await guest.invoke('first', { n })).json.activationId as string),
      );
      for (const id of ids) await guest.record(id);
      await damage(platform, `update activations set record = '${broken}' where activation_id = '${ids[1]}'`);
      for (const path of ['', '/result', '/logs']) await isDamaged('GET', `activations/${ids[1]}${path}`);
      for (const id of [ids[0], ids[2]]) expect((await guest.call('GET', `activations/${id}`)).status).toBe(200);
      const listed = await guest.call('GET', 'activations?docs=true&limit=200');
      const found = (listed.json as unknown as { activationId: string }[]).map(({ activationId }) => activationId);
      expect(found).toEqual(expect.arrayContaining([ids[0], ids[2]]));
      expect(found).not.toContain(ids[1]);
    });

    it('of a conductor’s or sequence’s component: the composition ends, and says so', async () => {
      await guest.call('PUT', 'actions/chain', {
        exec: { kind: 'sequence', components: ['/_/first', '/_/pack/third'] },
      });
      expect((await guest.invoke('chain', { n: 1 })).status).toBe(200);
      await guest.putAction('later', 'function main(args) { return args }');
      await guest.call('PUT', 'actions/chain2', { exec: { kind: 'sequence', components: ['/_/first', '/_/later'] } });
      await damage(platform, `update entities set document = '${broken}' where path = 'guest' and name = 'later'`);
      const answer = await guest.invoke('chain2');
      expect(answer.status).toBeGreaterThanOrEqual(500);
      expect((await guest.invoke('chain', { n: 2 })).status).toBe(200);
    });
  });
}
