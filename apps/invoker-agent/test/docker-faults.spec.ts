// What befalls Docker containers, the engine and the agent, and what is left afterwards.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Dockerd } from '../../../test/support/dockerd';
import { until } from '../../../test/support/until';
import { defaultLimits } from '#limits';
import { CannotCreate } from '../src/container-driver';
import type { DockerDriver } from '../src/docker/docker-driver';
import { Engine } from '../src/docker/engine';
import { EngineClient } from '../src/docker/engine-client';
import { EngineFacts } from '../src/docker/engine-facts';
import type { DockerSettings } from '../src/docker/open-docker';
import { DockerRig, ourImage, RunningAction } from './docker-rig';

jest.setTimeout(60_000);

const idle = 'const main = () => ({ ok: true })';

describe('docker driver under faults', () => {
  let engine: Dockerd;
  let rig: DockerRig;
  let driver: DockerDriver;
  let exits: { id: string; reason: string }[];

  async function open(overrides: Partial<DockerSettings> = {}): Promise<DockerDriver> {
    const opened = await rig.open(overrides);
    opened.onExit((id, reason) => exits.push({ id, reason }));
    return opened;
  }

  beforeAll(async () => {
    engine = await Dockerd.start();
    await engine.deriveImage(ourImage, 'test/foreign', ['CMD ["/usr/bin/sleep","1000"]', 'LABEL hearth.kind=']);
    rig = new DockerRig(engine);
  });
  beforeEach(async () => {
    exits = [];
    driver = await open();
    await driver.recover();
  });
  afterEach(async () => {
    await driver.close();
    expect(await engine.containers()).toEqual([]);
    expect(await engine.networks()).toEqual([]);
    expect(rig.files()).toEqual([]);
  });
  afterAll(async () => {
    rig?.end();
    await engine?.end();
  });

  const exitOf = (id: string): Promise<string> =>
    until(`the end of ${id} is told`, () => exits.find((exit) => exit.id === id)?.reason);

  it('knows the same from files as the API says', async () => {
    const action = await RunningAction.start(driver, idle);
    const client = new EngineClient(engine.socket, 10_000);
    const asked = new Engine(client);
    const { DockerRootDir } = await asked.info();
    const facts = new EngineFacts(asked, DockerRootDir);
    const [{ Id }] = (await engine.ask('GET', '/containers/json')).json as [{ Id: string }];
    const fromFile = facts.fromFile(Id);
    expect(fromFile).toEqual(await facts.fromApi(Id));
    expect(Object.values(fromFile!.addresses)).toEqual([action.address.split(':')[0]]);
    expect(facts.logPath(Id)).toBe((await asked.inspect(Id))!.LogPath);
    expect(readFileSync(`/proc/${fromFile!.pid}/cmdline`, 'utf8')).toContain('server.js');
    expect(facts.fromFile('0'.repeat(64))).toBeUndefined();
    expect(await facts.of('0'.repeat(64))).toBeUndefined();
    await client.close();
  });

  it('offers our runtimes a socket that nobody in the container can replace', async () => {
    const action = await RunningAction.create(driver);
    expect(action.socket).toMatch(/run\.sock$/);
    const foreign = driver.create(
      {
        id: 'f',
        kind: 'blackbox',
        image: 'test/foreign',
        memoryMb: 128,
        concurrency: 1,
        address: driver.addresses[900]!,
      },
      1_500,
      new AbortController().signal,
    );
    await expect(foreign).rejects.toThrow(/did not listen on .* within 1500 ms/);
    expect(rig.files().filter((name) => name.startsWith('docker/s/f'))).toEqual([]);
  });

  it('says that memory was the reason', async () => {
    const code = 'const hold = []; const main = () => { for (;;) hold.push(Buffer.alloc(1048576, 1)); }';
    const action = await RunningAction.start(driver, code);
    await action.run().catch((error: unknown) => error);
    expect(await exitOf(action.id)).toBe('ran out of memory');
    await action.remove();
  });

  it('says how it ended otherwise, and is not suspended any more', async () => {
    const action = await RunningAction.start(driver, 'const main = () => process.exit(7)');
    await action.run().catch((error: unknown) => error);
    expect(await exitOf(action.id)).toBe('exited with code 7');
    await expect(driver.suspend(action.id)).rejects.toThrow('it has ended (exited with code 7)');
    await action.remove();
    expect(exits).toHaveLength(1);
  });

  it.each(['nosuch.invalid/image:1', '../containers', 'UPPER', 'a b'])(
    'calls the image %s by OpenWhisk words',
    async (image) => {
      const spec = { id: 'm', kind: 'blackbox', image, memoryMb: 128, concurrency: 1, address: driver.addresses[0]! };
      const answer = driver.create(spec, 20_000, new AbortController().signal);
      await expect(answer).rejects.toThrow(`Failed to pull container image '${image}'.`);
      await expect(answer).rejects.toBeInstanceOf(CannotCreate);
    },
  );

  it('notices a container that was removed behind its back, also a suspended one', async () => {
    const [one, two] = await Promise.all([RunningAction.start(driver, idle), RunningAction.start(driver, idle)]);
    await driver.suspend(two.id);
    const names = await engine.containers();
    const nameOf = ({ id }: RunningAction): string => names.find((name) => name.endsWith(`-${id}`))!;
    await engine.ask('DELETE', `/containers/${nameOf(one)}?force=true`);
    expect(await exitOf(one.id)).toMatch(/killed|removed/);
    await expect(driver.suspend(one.id)).rejects.toThrow('it has ended');
    await one.remove();
    // The engine kills what is frozen and waits in vain; the agent thaws it.
    const removal = engine.ask('DELETE', `/containers/${nameOf(two)}?force=true`);
    await two.remove();
    await removal;
  });

  it('pauses by the engine where there is no freezer, and says so', async () => {
    await driver.close();
    driver = await open({ findFreezer: () => Promise.resolve(undefined) });
    await driver.recover();
    const action = await RunningAction.start(driver, idle);
    await driver.suspend(action.id);
    await driver.suspend(action.id);
    expect(driver.suspendedBy(action.id)).toBe('docker-pause');
    const [{ State }] = (await engine.ask('GET', '/containers/json')).json as [{ State: string }];
    expect(State).toBe('paused');
    await driver.resume(action.id);
    await driver.resume(action.id);
    expect(await action.run()).toEqual({ ok: true });
    await driver.suspend(action.id);
    await action.remove();
  });

  it('publishes ports where it is told to', async () => {
    await driver.close();
    driver = await open({ reach: 'published', publishedAddresses: ['127.0.0.1:17995', '127.0.0.1:17996'] });
    await driver.recover();
    const spec = { id: 'p', kind: 'nodejs:20', memoryMb: 128, concurrency: 1, address: '127.0.0.1:17995' };
    const addresses = await driver.create(spec, 20_000, new AbortController().signal);
    expect(addresses).toMatchObject({ published: '127.0.0.1:17995' });
    const answer = await fetch('http://127.0.0.1:17995/init', { method: 'POST', body: '{"value":{}}' });
    expect(answer.status).toBeGreaterThanOrEqual(200);
    const again = driver.create({ ...spec, id: 'q' }, 20_000, new AbortController().signal);
    await expect(again).rejects.toThrow('127.0.0.1:17995 is in use');
  });

  it('takes over what runs and what is suspended, and its logs where it had read to', async () => {
    const code = 'let n = 0; const main = () => { console.log("line", n++); return { n } }';
    const [frozen, running] = await Promise.all([RunningAction.start(driver, code), RunningAction.start(driver, code)]);
    await running.run();
    const first = Buffer.alloc(1_000);
    const log = driver.logs(running.id)!;
    const length = await until('it has written', () => log.peek('stdout', first));
    log.skip('stdout', length);
    await until('the mark is kept', () => rig.files().includes(`docker/${running.id}.mark`));
    await driver.suspend(frozen.id);
    await driver.abandon();

    driver = await open();
    const recovered = await driver.recover();
    expect(recovered.ended).toEqual([]);
    const states = new Map(recovered.running.map(({ id, state, addresses }) => [id, { state, addresses }]));
    expect(states.get(frozen.id)).toMatchObject({
      state: 'suspended',
      addresses: { container: frozen.address, unixSocket: frozen.socket },
    });
    expect(states.get(running.id)?.state).toBe('running');
    await driver.resume(frozen.id);
    expect(await frozen.run()).toEqual({ n: 1 });
    await running.run();
    const next = Buffer.alloc(1_000);
    const text = await until('the next line is read', () => {
      const read = next.toString('utf8', 0, driver.logs(running.id)!.peek('stdout', next));
      return read.includes('line 1') && read;
    });
    expect(text).not.toContain('line 0');
  });

  it('removes what a former life left that does not run, and keeps its hands off others', async () => {
    const action = await RunningAction.start(driver, 'const main = () => process.exit(0)');
    const foreign = (await engine.ask('POST', '/containers/create?name=others', { Image: ourImage })).status;
    expect(foreign).toBe(201);
    await driver.abandon();
    await action.run().catch((error: unknown) => error);
    await until('it has ended', async () => {
      const { json } = await engine.ask('GET', '/containers/json');
      return (json as unknown[]).length === 0;
    });
    driver = await open();
    expect(await driver.recover()).toEqual({ running: [], ended: [{ id: action.id, address: action.address }] });
    expect(await engine.containers()).toEqual(['others']);
    await engine.ask('DELETE', '/containers/others');
  });

  it('leaves what runs in its network and behind its rules when the next life cannot start', async () => {
    const action = await RunningAction.start(driver, idle);
    await driver.abandon();
    const gateway = action.address.replace(/\d+:\d+$/, '1');
    const blocker = createServer().listen(3_233, gateway);
    await expect(open()).rejects.toThrow('EADDRINUSE');
    await new Promise((done) => blocker.close(done));
    expect(await engine.networks()).toHaveLength(1);
    expect(execFileSync('iptables', ['-S', 'INPUT']).toString()).toContain(
      `-i hth-${(await engine.networks())[0]!.slice(7, 15)} `,
    );
    driver = await open();
    expect((await driver.recover()).running.map(({ id }) => id)).toEqual([action.id]);
  });

  it('takes another network than that of a bridge without carrier, which an engine would give twice', async () => {
    const first = (await RunningAction.create(driver)).address;
    await driver.close();
    const gateway = first.replace(/\d+:\d+$/, '1');
    const ip = (...words: string[]): Buffer => execFileSync('ip', words);
    ip('link', 'add', 'hth-test', 'type', 'bridge');
    try {
      ip('address', 'add', `${gateway}/22`, 'dev', 'hth-test');
      ip('link', 'set', 'hth-test', 'up');
      // A bridge has no carrier from the moment that its last device left it.
      ip('link', 'add', 'hth-port', 'type', 'veth', 'peer', 'name', 'hth-peer');
      ip('link', 'set', 'hth-port', 'master', 'hth-test');
      ip('link', 'delete', 'hth-port');
      await until('it has no carrier', () => networkInterfaces()['hth-test'] === undefined);
      driver = await open();
      await driver.recover();
      const action = await RunningAction.start(driver, idle);
      expect(action.address).not.toBe(first);
      expect(action.address.split('.').slice(0, 3)).not.toEqual(first.split('.').slice(0, 3));
      expect(await action.run()).toEqual({ ok: true });
    } finally {
      ip('link', 'delete', 'hth-test');
    }
  });

  it('goes on when the engine was killed: suspends meanwhile, and tells what died with it', async () => {
    const action = await RunningAction.start(driver, idle);
    await engine.kill();
    await driver.suspend(action.id);
    await driver.resume(action.id);
    await driver.suspend(action.id);
    await expect(RunningAction.create(driver)).rejects.toThrow(/is the engine running/);
    await engine.restart();
    expect(await exitOf(action.id)).toMatch(/killed|exited/);
    await action.remove();
    const next = await RunningAction.start(driver, idle);
    expect(await next.run()).toEqual({ ok: true });
  });

  it('does not wait for an engine that hangs, and cleans up once it goes on', async () => {
    await driver.close();
    driver = await open({ limits: { ...defaultLimits, engineCallMs: 500 } });
    await driver.recover();
    process.kill(engine.pid, 'SIGSTOP');
    try {
      await expect(RunningAction.create(driver)).rejects.toThrow(/was not answered within 500 ms/);
    } finally {
      process.kill(engine.pid, 'SIGCONT');
    }
    await until('nothing of it is left', async () => (await engine.containers()).length === 0);
  });
});
