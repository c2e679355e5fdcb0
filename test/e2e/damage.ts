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
      for (const name of ['first', 'pack/third']) expect((await guest.invoke(name, { n: 1 })).status).toBe(200);
    });

    it.each([
      ['is no JSON', broken],
      ['is no document of its kind', '{"version":7}'],
      ['is no object', 'null'],
    ])(
      'of an entity whose document %s: its owner overwrites or removes it, and only with overwrite',
      async (_, text) => {
        const action = { exec: { kind: 'nodejs:20', code: 'function main() { return { mended: true } }' } };
        const rule = { trigger: '/_/t1', action: '/_/a1' };
        const make = async (): Promise<void> => {
          for (const [path, body] of [
            ...[['packages/p1', {}] as const, ['packages/p2', {}] as const],
            ...['a1', 'a2', 'p1/a3', 'p2/a4'].map((name) => [`actions/${name}`, action] as const),
            ...['t1', 't2', 't3'].map((name) => [`triggers/${name}`, {}] as const),
            ...['r1', 'r2', 'r3'].map((name) => [`rules/${name}`, rule] as const),
          ])
            expect((await guest.call('PUT', `${path}?overwrite=true`, body)).status).toBe(200);
        };
        const hurt = async (...hurtNames: string[]): Promise<void> => {
          const list = hurtNames.map((name) => `'${name}'`).join(', ');
          const where = `where namespace = 'guest' and name in (${list})`;
          await damage(platform, `update entities set document = '${text}' ${where}`);
        };
        const rulesOfTrigger = async (): Promise<unknown> => (await guest.call('GET', 'triggers/t1')).json.rules;
        await make();
        await hurt('a1', 'a2', 'a3', 'a4', 'p1', 't2', 't3', 'r1', 'r2');
        const all = ['actions/a1', 'actions/p1/a3', 'packages/p1', 'triggers/t2', 'rules/r1'];
        for (const path of all) await isDamaged('GET', path);
        expect(await names('actions')).not.toEqual(expect.arrayContaining(['a1']));
        expect(await names('packages')).not.toContain('p1');
        expect(await names('triggers')).not.toContain('t2');
        expect(await names('rules')).toEqual(['r3']);

        // What would be merged with the old one is told what to do, and where there is none, what it was told ever since.
        const change = { parameters: [{ key: 'p', value: 1 }], limits: { timeout: 1_000 } };
        for (const [path, body, missing] of [
          ['actions/a1', change, 'exec'],
          ['actions/p2/a4', {}, 'exec'],
          ['rules/r1', change, 'trigger and action'],
          ['rules/r1', { action: rule.action }, 'trigger and action'],
        ] as const) {
          expect((await guest.call('PUT', path, body)).status).toBe(409);
          const answer = await guest.call('PUT', `${path}?overwrite=true`, body);
          expect([path, answer.status, answer.json.error]).toEqual([
            ...[path, 500],
            `Resource is corrupted and cannot be read. Put it whole, with its ${missing}, or delete it.`,
          ]);
          await isDamaged('GET', path);
        }
        const absent = await guest.call('PUT', 'actions/absent?overwrite=true', change);
        expect([absent.status, absent.json.error]).toEqual([400, 'exec undefined']);

        for (const [path, body] of [
          ...[['packages/p1', {}] as const, ['actions/a1', action] as const, ['actions/p1/a3', action] as const],
          ...[['triggers/t2', {}] as const, ['rules/r1', rule] as const],
        ]) {
          expect((await guest.call('PUT', path, body)).status).toBe(409);
          expect((await guest.call('PUT', `${path}?overwrite=true`, body)).status).toBe(200);
          expect((await guest.call('GET', path)).status).toBe(200);
        }
        expect((await guest.invoke('a1')).json.response).toMatchObject({ result: { mended: true } });
        expect(await rulesOfTrigger()).toMatchObject({ 'guest/r1': { status: 'active' }, 'guest/r2': {} });

        const gone = ['actions/a2', 'triggers/t3', 'rules/r2', 'packages/p2?force=true'];
        for (const path of gone) expect([path, (await guest.call('DELETE', path)).status]).toEqual([path, 200]);
        for (const path of [...gone, 'actions/p2/a4'])
          expect((await guest.call('GET', path.replace(/[?].*/, ''))).status).toBe(404);
        expect(Object.keys((await rulesOfTrigger()) as object)).toEqual(['guest/r3', 'guest/r1']);
        // A rule of a trigger that is damaged can be given another, or go.
        await hurt('t1');
        expect((await guest.call('GET', 'rules/r3')).json).toMatchObject({ status: 'inactive' });
        expect((await guest.call('PUT', 'rules/r3?overwrite=true', { ...rule, trigger: '/_/t2' })).status).toBe(200);
        for (const path of [
          'rules/r3',
          'rules/r1',
          'triggers/t1',
          'triggers/t2',
          'actions/a1',
          'packages/p1?force=true',
        ])
          expect([path, (await guest.call('DELETE', path)).status]).toEqual([path, 200]);
      },
    );

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
