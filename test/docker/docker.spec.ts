// `CONTAINER_DRIVER=docker npm start` on a private engine, from end to end: an action called by the real client, its logs, a suspension, a node that
// does not forget its containers, and how failures are reported.
import { Dockerd } from '../support/dockerd';
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import { until } from '../support/until';

jest.setTimeout(60_000);

describe('with the docker driver', () => {
  let engine: Dockerd;
  let platform: Platform;
  let guest: Guest;

  beforeAll(async () => {
    engine = await Dockerd.start();
    platform = await startPlatform({
      kinds: 'nodejs:20',
      env: { CONTAINER_DRIVER: 'docker', DOCKER_SOCKET: engine.socket, LIMIT_SUSPEND_GRACE_MS: '50' },
    });
    guest = new Guest(platform);
  });
  afterAll(async () => {
    await platform?.stop();
    expect(await engine?.containers()).toEqual([]);
    expect(await engine?.networks()).toEqual([]);
    await engine?.end();
  });

  it('says what isolates actions', () => {
    expect(platform.output).toContain('isolation   containers of docker');
  });

  it('runs an action, collects its log, and reaches the API from inside', async () => {
    await guest.putAction(
      'hello',
      `async function main({ name }) {
         console.log('said hello');
         const answer = await fetch(process.env.__OW_API_HOST + '/api/v1');
         return { greeting: 'Hello, ' + name, status: answer.status, uid: process.getuid() };
       }`,
    );
    const { json } = await guest.invoke('hello', { name: 'Bob' }, 'blocking=true');
    expect(json.response).toMatchObject({ result: { greeting: 'Hello, Bob', status: 200, uid: 61_000 } });
    const logs = await until('its log is there', async () => {
      const { logs: lines } = await guest.record(String(json.activationId));
      return (lines as string[]).length > 0 && (lines as string[]);
    });
    expect(logs[0]).toMatch(/stdout: said hello$/);
  });

  it('suspends by the freezer and resumes for the next run; the agent says how long that took', async () => {
    await until('it is suspended', async () =>
      /hearth_agent_containers\{state="suspended"\} [1-9]/.test(await platform.metrics('agent')),
    );
    const { json } = await guest.invoke('hello', { name: 'Eve' }, 'blocking=true&result=true');
    expect(json.greeting).toBe('Hello, Eve');
    const metrics = await platform.metrics('agent');
    for (const operation of ['create', 'suspend', 'resume'])
      expect(metrics).toMatch(
        new RegExp(
          `hearth_agent_operation_seconds_count\\{driver="docker",operation="${operation}",outcome="done"\\} [1-9]`,
        ),
      );
    const answer = await fetch(`${platform.agentUrl}/containers`, {
      headers: { authorization: `Bearer ${platform.secrets.AGENT_TOKEN}` },
    });
    const { containers } = (await answer.json()) as { containers: { suspendedBy?: string }[] };
    expect(containers.map(({ suspendedBy }) => suspendedBy)).toContainEqual(expect.stringMatching(/^cgroup-v[12]$/));
  });

  it('reports memory that is used up, and an exit, as OpenWhisk does', async () => {
    await guest.putAction(
      'glutton',
      'const hold = []; function main() { for (;;) hold.push(Buffer.alloc(1048576, 1)); }',
    );
    const full = await guest.invoke('glutton', {}, 'blocking=true');
    expect([full.status, (full.json.response as { result: object }).result]).toEqual([
      502,
      { error: 'The action exhausted its memory and was aborted.' },
    ]);
    await guest.putAction('quitter', 'function main() { process.exit(1); }');
    const gone = await guest.invoke('quitter', {}, 'blocking=true');
    expect([gone.status, (gone.json.response as { result: object }).result]).toEqual([
      502,
      { error: 'The action did not produce a valid response and exited unexpectedly.' },
    ]);
  });

  it('reports an image that cannot be had', async () => {
    await guest.call('PUT', 'actions/stranger', { exec: { kind: 'blackbox', image: 'nosuch.invalid/image:1' } });
    const { status, json } = await guest.invoke('stranger', {}, 'blocking=true');
    expect([status, (json.response as { result: object }).result]).toEqual([
      502,
      { error: "Failed to pull container image 'nosuch.invalid/image:1'." },
    ]);
  });

  it('keeps containers over the death of the agent', async () => {
    await guest.putAction('counter', 'let n = 0; function main() { return { n: ++n }; }');
    const count = async (): Promise<unknown> => (await guest.invoke('counter', {}, 'blocking=true&result=true')).json.n;
    expect(await count()).toBe(1);
    await platform.killAndAwaitRestart('agent');
    expect(await count()).toBe(2);
  });
});
