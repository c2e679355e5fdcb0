// What every container driver is held to, with real containers of kind nodejs:20. Called from the driver's own spec.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { AddressInUse, CannotCreate, type ContainerDriver, type ContainerSpec } from './container-driver';
import type { LogStream } from './logs/log-source';

export interface DriverUnderTest {
  readonly driver: ContainerDriver;
  /** A kind whose container never listens. */
  readonly silentKind: string;
  /** What the driver has left on the machine, in words. */
  leftovers(): string[];
}

const activationId = '0123456789abcdef0123456789abcdef';
const secret = 'a-secret-that-no-action-may-see';

export function describeContainerDriver(
  name: string,
  make: () => Promise<DriverUnderTest>,
  { wipes } = { wipes: true },
): void {
  describe(`${name} driver`, () => {
    let subject: DriverUnderTest;
    let driver: ContainerDriver;
    let exits: { id: string; reason: string }[];
    let count = 0;

    beforeAll(async () => {
      process.env.CLUSTER_SECRET = secret;
      process.env.AGENT_TOKEN = secret;
      subject = await make();
      driver = subject.driver;
      driver.onExit((id, reason) => exits.push({ id, reason }));
    });
    beforeEach(() => {
      exits = [];
    });
    afterAll(async () => {
      await driver.close();
      expect(subject.leftovers()).toEqual([]);
      delete process.env.CLUSTER_SECRET;
      delete process.env.AGENT_TOKEN;
    });

    const spec = (overrides: Partial<ContainerSpec> = {}): ContainerSpec => {
      count += 1;
      const address = driver.addresses[count];
      if (address === undefined) throw new Error('the driver under test needs more addresses');
      return { id: `c${count}`, kind: 'nodejs:20', memoryMb: 128, concurrency: 1, address, ...overrides };
    };

    async function create(overrides: Partial<ContainerSpec> = {}): Promise<{ id: string; address: string }> {
      const wanted = spec(overrides);
      const addresses = await driver.create(wanted, 20_000, new AbortController().signal);
      const address = addresses.container ?? addresses.published;
      if (address === undefined) throw new Error('no address to reach the container at');
      return { id: wanted.id, address };
    }

    async function running(
      code: string,
      overrides: Partial<ContainerSpec> = {},
    ): Promise<{ id: string; address: string }> {
      const container = await create(overrides);
      const init = await post(container.address, '/init', { value: { name: 'a', main: 'main', code, binary: false } });
      expect(init.status).toBe(200);
      return container;
    }

    it('creates a container that listens when create resolves', async () => {
      const { id, address } = await running('const main = ({ name }) => ({ hello: name })');
      expect((await run(address, { name: 'Bob' })).body).toEqual({ hello: 'Bob' });
      await driver.remove(id);
    });

    it('limits the memory of each container by its own figure', async () => {
      const code = "const main = () => ({ mb: require('v8').getHeapStatistics().heap_size_limit / 1048576 })";
      const [small, large] = await Promise.all([running(code, { memoryMb: 128 }), running(code, { memoryMb: 512 })]);
      const [smallMb, largeMb] = await Promise.all([run(small.address), run(large.address)]).then((answers) =>
        answers.map(({ body }) => Number(body.mb)),
      );
      expect(smallMb).toBeLessThan(256);
      expect(largeMb).toBeGreaterThan(400);
      expect(largeMb).toBeLessThan(1_024);
      await Promise.all([driver.remove(small.id), driver.remove(large.id)]);
    });

    it('suspends: nothing runs until it is resumed, then it goes on where it was', async () => {
      const { id, address } = await running('let n = 0; setInterval(() => n++, 1); const main = () => ({ n })');
      await driver.suspend(id);
      await driver.suspend(id);
      const before = sleep(500).then(() => performance.now());
      let answered = 0;
      const reply = run(address).finally(() => {
        answered = performance.now();
      });
      const resumedAt = await before;
      await driver.resume(id);
      await driver.resume(id);
      const { n } = (await reply).body as { n: number };
      expect(answered).toBeGreaterThan(resumedAt);
      // It counted while it ran, a few dozen, but not the 500 of the suspension.
      expect(n).toBeLessThan(250);
      const later = await until(
        async () => (await run(address)).body.n as number,
        (count) => count > n,
      );
      expect(later).toBeGreaterThan(n);
      await driver.remove(id);
    });

    it('removes a suspended container', async () => {
      const { id, address } = await running('const main = () => ({})');
      await driver.suspend(id);
      await driver.remove(id);
      await driver.remove(id);
      expect(await isRefused(address)).toBe(true);
      expect(driver.logs(id)).toBeUndefined();
      expect(exits).toEqual([]);
    });

    it('kills first and lets the output be read, then removes', async () => {
      const { id, address } = await running('const main = () => { console.log("last words"); for (;;); }');
      const reply = run(address).catch((error: unknown) => error);
      await until(
        async () => read(driver, id, 'stdout'),
        (text) => text.includes('last words'),
      );
      await driver.kill(id);
      await reply;
      expect(await isRefused(address)).toBe(true);
      expect(read(driver, id, 'stdout')).toBe('last words\n');
      await driver.remove(id);
      expect(exits).toEqual([]);
    });

    it('has nothing to do for containers that it does not know, and suspends none of them', async () => {
      await driver.kill('unknown');
      await driver.remove('unknown');
      expect(driver.logs('unknown')).toBeUndefined();
      await expect(driver.suspend('unknown')).rejects.toThrow('unknown');
      await expect(driver.resume('unknown')).rejects.toThrow('unknown');
    });

    it('tells when a container ends by itself, once', async () => {
      const { id, address } = await running('const main = () => process.exit(3)');
      await run(address).catch((error: unknown) => error);
      await until(
        async () => exits.length,
        (length) => length > 0,
      );
      expect(exits).toEqual([{ id, reason: expect.stringContaining('3') }]);
      await driver.remove(id);
      expect(exits).toHaveLength(1);
    });

    it('gives up a container that never listens, within its time, and leaves nothing', async () => {
      const silent = spec({ kind: subject.silentKind });
      const from = performance.now();
      // Long enough for an image that nobody has used yet to be unpacked first.
      await expect(driver.create(silent, 3_000, new AbortController().signal)).rejects.toThrow(/did not listen/);
      expect(performance.now() - from).toBeLessThan(10_000);
      expect(subject.leftovers().filter((what) => what.includes(silent.id))).toEqual([]);
      expect(exits).toEqual([]);
    });

    it('gives up a creation when it is told to', async () => {
      const silent = spec({ kind: subject.silentKind });
      const abort = new AbortController();
      setTimeout(() => abort.abort(), 50);
      await expect(driver.create(silent, 20_000, abort.signal)).rejects.toThrow(/given up/);
      expect(subject.leftovers().filter((what) => what.includes(silent.id))).toEqual([]);
      await expect(driver.create({ ...silent, id: `${silent.id}b` }, 20_000, abort.signal)).rejects.toThrow(/given up/);
    });

    it('says when something else has the address', async () => {
      const { id, address } = await create();
      await expect(driver.create(spec({ address }), 20_000, new AbortController().signal)).rejects.toThrow(
        AddressInUse,
      );
      expect(await isRefused(address)).toBe(false);
      await driver.remove(id);
    });

    it('keeps both streams of output apart, with the stamped sentinel behind each run', async () => {
      const { id, address } = await running(
        'const main = () => { console.log("out"); console.error("err"); return {} }',
      );
      await run(address);
      const sentinel = `XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX ${activationId}\n`;
      // An engine may write it a little later.
      await until(
        async () => [read(driver, id, 'stdout'), read(driver, id, 'stderr')],
        ([out, err]) => out!.includes(activationId) && err!.includes(activationId),
      );
      expect(read(driver, id, 'stdout')).toBe(`out\n${sentinel}`);
      expect(read(driver, id, 'stderr')).toBe(`err\n${sentinel}`);
      await driver.remove(id);
    });

    it('empties the output without losing any', async () => {
      const code = 'let n = 0; setInterval(() => console.log(n++), 0); const main = () => ({})';
      const { id } = await running(code);
      const source = driver.logs(id)!;
      let text = '';
      const drain = async (): Promise<void> => {
        text += take(driver, id, 'stdout');
        take(driver, id, 'stderr');
      };
      for (let round = 0; round < 5; round += 1) {
        await until(
          async () => read(driver, id, 'stdout').length,
          (length) => length > 10,
        );
        expect(await driver.emptyLogs(id, drain)).toBe(true);
        expect(source.position()).toBe(0);
      }
      await driver.kill(id);
      await drain();
      const numbers = text.trimEnd().split('\n').map(Number);
      expect(numbers).toEqual(numbers.map((_, at) => at));
      await driver.remove(id);
    });

    it('does not empty the output of a suspended container', async () => {
      const { id } = await running('const main = () => ({})');
      await driver.suspend(id);
      expect(await driver.emptyLogs(id, async () => undefined)).toBe(false);
      await driver.remove(id);
    });

    it('shows actions nothing of the agent', async () => {
      const { id, address } = await running('const main = () => ({ ...process.env })', { concurrency: 5 });
      const env = (await run(address)).body as Record<string, string>;
      expect(JSON.stringify(env)).not.toContain(secret);
      const names = Object.keys(env).filter((variable) => !variable.startsWith('__OW_'));
      expect(names.filter((variable) => !['PATH', 'HOME', 'LANG', 'TMPDIR', 'HOSTNAME'].includes(variable))).toEqual(
        [],
      );
      expect(env.__OW_API_HOST).toMatch(/^http/);
      expect(env.__OW_ALLOW_CONCURRENT).toBe('true');
      await driver.remove(id);
    });

    it('leaves nothing when containers are removed at once', async () => {
      const made = await Promise.all([create(), create(), create()]);
      expect(subject.leftovers()).not.toEqual([]);
      await driver.suspend(made[0].id);
      await Promise.all(made.map(({ id }) => driver.remove(id)));
      expect(subject.leftovers()).toEqual([]);
    });

    if (!wipes) return it('does not say that it can wipe', () => expect(driver.wipe).toBeUndefined());
    it('says that memory was the reason when there is too little of it to start, and leaves nothing', async () => {
      const small = spec({ memoryMb: 6 });
      const answer = driver.create(small, 20_000, new AbortController().signal);
      await expect(answer).rejects.toThrow('The action exhausted its memory and was aborted.');
      await expect(answer).rejects.toBeInstanceOf(CannotCreate);
      expect(subject.leftovers().filter((what) => what.includes(small.id))).toEqual([]);
      expect(exits).toEqual([]);
    });

    it('wipes: what ran in it, what it wrote and what it printed are gone, and it stays where it is', async () => {
      const { id, address } = await running(leaveTraces);
      expect((await run(address)).body).toEqual({ child: expect.any(Number) });
      await until(
        async () => read(driver, id, 'stdout'),
        (text) => text.includes(activationId),
      );
      await driver.suspend(id);
      const wanted = { id, kind: 'nodejs:20', memoryMb: 128, concurrency: 1, address };
      expect(await driver.wipe!(wanted, 20_000)).toMatchObject({ container: address });
      expect(read(driver, id, 'stdout')).toBe('');
      const init = await post(address, '/init', { value: { name: 'b', main: 'main', code: findTraces } });
      expect(init.status).toBe(200);
      expect((await run(address)).body).toEqual({ files: [], global: 'undefined', processes: [], secret: 'none' });
      await until(
        async () => read(driver, id, 'stdout'),
        (text) => text.includes('of the second'),
      );
      expect(read(driver, id, 'stdout')).toMatch(/^of the second\n/);
      // It can be suspended, resumed and ended as ever, and is told of when it ends by itself.
      await driver.suspend(id);
      await driver.resume(id);
      expect((await run(address)).status).toBe(200);
      expect(exits).toEqual([]);
      await post(address, '/run', { value: { exit: true } }).catch((error: unknown) => error);
      await until(
        async () => exits.length,
        (length) => length > 0,
      );
      expect(exits).toEqual([{ id, reason: expect.stringContaining('7') }]);
      await driver.remove(id);
    });

    it('wipes what was killed, and nothing that it does not know', async () => {
      const { id, address } = await running('const main = () => ({})');
      await driver.kill(id);
      await driver.wipe!({ id, kind: 'nodejs:20', memoryMb: 128, concurrency: 1, address }, 20_000);
      expect((await post(address, '/run', { value: {} })).status).toBe(403);
      expect(exits).toEqual([]);
      await driver.remove(id);
      await expect(driver.wipe!({ ...spec(), id: 'unknown' }, 1_000)).rejects.toThrow('unknown');
    });
  });
}

/** In every place that an action can write to, and as a process that outlives the run. */
const leaveTraces = `
  const fs = require('fs');
  const main = () => {
    globalThis.left = 'by the first';
    process.env.SECRET = 'of the first';
    for (const at of [require('os').tmpdir(), process.env.HOME, '/dev/shm'])
      try { fs.writeFileSync(at + '/left-by-the-first', 'x'); } catch { continue; }
    const child = require('child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 4711000)'], { detached: true, stdio: 'ignore' });
    child.unref();
    console.log('of the first');
    return { child: child.pid };
  }`;

const findTraces = `
  const fs = require('fs');
  const list = (at) => { try { return fs.readdirSync(at); } catch { return []; } };
  const commandOf = (pid) => { try { return fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8'); } catch { return ''; } };
  const main = ({ exit }) => {
    if (exit) process.exit(7);
    console.log('of the second');
    return {
      files: [require('os').tmpdir(), process.env.HOME, '/dev/shm'].flatMap(list).filter((name) => name.startsWith('left-by')),
      global: typeof globalThis.left,
      processes: list('/proc').filter((name) => Number(name) && commandOf(name).includes('4711000')),
      secret: process.env.SECRET ?? 'none',
    };
  }`;

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

async function post(address: string, path: string, body: unknown): Promise<Answer> {
  const response = await fetch(`http://${address}${path}`, {
    method: 'POST',
    // What is wiped closes what was kept.
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const run = (address: string, value: object = {}): Promise<Answer> =>
  post(address, '/run', { value, activation_id: activationId });

/** From the position to the end, without moving it. */
function read(driver: ContainerDriver, id: string, stream: LogStream): string {
  const into = Buffer.alloc(65_536);
  return into.toString('utf8', 0, driver.logs(id)!.peek(stream, into));
}

function take(driver: ContainerDriver, id: string, stream: LogStream): string {
  let text = '';
  for (let part = read(driver, id, stream); part !== ''; part = read(driver, id, stream)) {
    driver.logs(id)!.skip(stream, Buffer.byteLength(part));
    text += part;
  }
  return text;
}

async function until<T>(look: () => Promise<T>, isIt: (seen: T) => boolean): Promise<T> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const seen = await look();
    if (isIt(seen)) return seen;
    if (performance.now() > deadline) throw new Error(`waited in vain; the last was ${JSON.stringify(seen)}`);
    await sleep(5);
  }
}

function isRefused(address: string): Promise<boolean> {
  const [host, port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect({ host: host!, port: Number(port) });
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', () => resolve(true));
  });
}
