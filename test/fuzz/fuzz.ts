// Malformed requests that are made from the OpenAPI document: none is answered 500, none ends the controller, none tells anything of another
// namespace. The seed is printed; HEARTH_FUZZ_SEED gives one, HEARTH_FUZZ_COUNT how many.
import { connect } from 'node:net';
import { runCommand } from '../identity/commands';
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import { type OpenApi, Malformed } from './malformed';

const seed = Number(process.env.HEARTH_FUZZ_SEED ?? Date.now() % 1_000_000_000);
const atOnce = 16;
const waitMs = 5_000;
const victimKey = `33333333-2222-4333-8444-555555555555:${'v'.repeat(64)}`;
/** In every value of the victim's entities, in no name. */
const marker = 'Marker0f0fTheVictim';

/** Everything that comes until the connection ends. */
function exchange(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    // Some announce a body that does not come; nobody answers them.
    socket.setTimeout(waitMs, () => {
      chunks.push(Buffer.from('TIMEOUT'));
      socket.destroy();
    });
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    // A server that refuses early resets what it does not read.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
  });
}

export function describeFuzz(given: number): void {
  const count = Number(process.env.HEARTH_FUZZ_COUNT ?? given);
  describe(`${count} malformed requests (HEARTH_FUZZ_SEED=${seed})`, () => {
    let platform: Platform;
    let attacker: Guest;
    let victim: Guest;

    beforeAll(async () => {
      platform = await startPlatform();
      await runCommand(['user', 'create', 'victim', '-u', victimKey], platform.commandEnv);
      attacker = new Guest(platform);
      victim = new Guest({ apiHost: platform.apiHost, apiKey: victimKey });
      const parameters = [{ key: 'secret', value: marker }];
      await victim.putAction('hidden', `function main() { return { s: '${marker}' } }`, { parameters });
      await victim.call('PUT', 'packages/box', { parameters });
      await victim.call('PUT', 'actions/box/inner', { exec: { kind: 'nodejs:20', code: `'${marker}'` }, parameters });
      await victim.call('PUT', 'triggers/bell', { parameters });
      await victim.call('PUT', 'rules/rope', { trigger: '/_/bell', action: '/_/hidden' });
      await attacker.putAction('one', 'function main() { return {} }');
    }, 120_000);
    afterAll(() => platform.stop());

    const everything = async (guest: Guest): Promise<unknown[]> =>
      Promise.all(
        [
          'actions/hidden',
          'packages/box',
          'actions/box/inner',
          'triggers/bell',
          'rules/rope',
          'actions',
          'triggers',
        ].map(async (path) => (await guest.call('GET', path)).json as unknown),
      );

    it('are refused or carried out, and harm nobody', async () => {
      const before = await everything(victim);
      const document = (await attacker.call('GET', '/api/v1/openapi.json')).json as OpenApi;
      const names = {
        namespaces: ['_', '_', 'guest', 'victim', 'whisk.system', 'nobody'],
        entities: ['one', 'hidden', 'box', 'inner', 'bell', 'rope', 'missing', 'new1', 'new2'],
      };
      const malformed = new Malformed(seed, document, names, attacker.authorization);
      const pid = platform.pid('controller');
      const port = Number(new URL(platform.apiHost).port);
      const statuses: Record<string, number> = {};
      const faults: string[] = [];
      let left = count;
      const worker = async (): Promise<void> => {
        while (left-- > 0 && faults.length < 5) {
          const bytes = malformed.next();
          const answer = await exchange(port, bytes);
          const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? (answer === '' ? 'none' : answer);
          statuses[status] = (statuses[status] ?? 0) + 1;
          const head = answer.split('\r\n\r\n')[0]!;
          const isInjected = /^(set-cookie|x-injected):/im.test(head);
          if (['500', '503'].includes(status) || answer.includes(marker) || isInjected)
            faults.push(`${bytes.toString('latin1').slice(0, 1_500)}\n--> ${answer.slice(0, 600)}`);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, worker));
      process.stdout.write(`fuzz: seed ${seed}, ${count} requests, answers ${JSON.stringify(statuses)}\n`);
      expect(faults).toEqual([]);
      expect(platform.pid('controller')).toBe(pid);
      expect((await attacker.call('GET', '/ping')).text).toBe('pong');
      expect(await everything(victim)).toEqual(before);
    }, 600_000);
  });
}
