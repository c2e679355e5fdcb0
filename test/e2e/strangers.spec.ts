// What people without credentials can do to a platform by asking: little. And clients that go away in the middle are no errors of the platform.
import { connect } from 'node:net';
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import { rawRequest } from '../support/raw-http';

const asked = 50;

describe('strangers', () => {
  let platform: Platform;
  let guest: Guest;
  beforeAll(async () => {
    // Nothing else is to ask the store meanwhile.
    const quiet = ['RECORD_BATCH_MS', 'CLAIM_POLL_MS', 'ALARM_POLL_MS', 'SWEEP_INTERVAL_MS', 'ABSENT_NAME_MS'];
    const env = {
      LIMIT_CLAIM_LEASE_MS: '120000',
      ...Object.fromEntries(quiet.map((limit) => [`LIMIT_${limit}`, '60000'])),
    };
    platform = await startPlatform({ env });
    guest = new Guest(platform);
  }, 90_000);
  afterAll(() => platform.stop());

  const status = async (path: string): Promise<number> =>
    (await rawRequest(guest.url(`/api/v1/web/${path}`), { method: 'GET', headers: {} })).status;
  const queries = async (): Promise<number> =>
    Number(/^hearth_store_queries_total (\d+)/m.exec(await platform.metrics('controller'))![1]);

  it('ask for web actions that are not there as often as they like, and the store is asked once', async () => {
    const paths = [
      'guest/default/missing',
      'guest/nosuch/missing.json',
      'nobody/default/missing',
      'nobody/other/page.http',
    ];
    for (const path of paths) expect(await status(path)).toBe(404);
    const before = await queries();
    for (let at = 0; at < asked; at += 1) for (const path of paths) expect(await status(path)).toBe(404);
    expect((await queries()) - before).toBe(0);
  });

  it('see what was made as soon as it is there', async () => {
    expect(await status('guest/default/made.text')).toBe(404);
    const annotations = [{ key: 'web-export', value: true }];
    await guest.putAction('made', "function main() { return { text: 'here' } }", { annotations });
    expect(await status('guest/default/made.text')).toBe(200);
    expect((await guest.call('DELETE', 'actions/made')).status).toBe(200);
    expect(await status('guest/default/made.text')).toBe(404);
  });

  it('go away in the middle of a body, wherever they send it, and nothing is reported as an error', async () => {
    await guest.putAction('reads', 'function main() { return {} }', {
      annotations: [{ key: 'web-export', value: true }],
    });
    await guest.call('PUT', 'triggers/bell', {});
    const requests = [
      'POST /api/v1/namespaces/_/actions/reads?blocking=true',
      'PUT /api/v1/namespaces/_/actions/reads?overwrite=true',
      'POST /api/v1/namespaces/_/triggers/bell',
      'POST /api/v1/web/guest/default/reads.json',
      `POST /hearth/v1/hooks/guest/bell/${'A'.repeat(43)}`,
    ];
    const { hostname, port } = new URL(platform.apiHost);
    for (const request of requests) {
      for (const end of ['reset', 'close'] as const) {
        await new Promise<void>((resolve, reject) => {
          const socket = connect(Number(port), hostname, () => {
            const fields = `Host: x\r\nAuthorization: ${guest.authorization}\r\nContent-Type: application/json`;
            socket.write(`${request} HTTP/1.1\r\n${fields}\r\nContent-Length: 100\r\n\r\n{"a":`, () => {
              // It has been read by the time of another answer.
              void guest.call('GET', 'actions').then(() => {
                if (end === 'reset') socket.resetAndDestroy();
                else socket.destroy();
                resolve();
              }, reject);
            });
          });
          socket.on('error', () => undefined); // what was sent to it is of no interest
        });
      }
    }
    for (let at = 0; at < 5; at += 1) expect((await guest.invoke('reads')).status).toBe(200);
    expect(platform.output).not.toMatch(/unexpected error|after its answer/);
  });
});
