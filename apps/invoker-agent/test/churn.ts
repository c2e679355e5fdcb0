// Containers that come and go at random, as a busy node's do; afterwards nothing may be left of them.
import { readdirSync } from 'node:fs';
import { seededRandom, systemClock } from '#clock';
import { AddressInUse, type ContainerDriver } from '../src/container-driver';

export interface Churn {
  readonly open: () => ContainerDriver | Promise<ContainerDriver>;
  /** What there is of the driver's containers on this machine, by other means than the driver's own. */
  readonly count: () => Record<string, number> | Promise<Record<string, number>>;
  /** After each creation. */
  readonly seen?: () => void;
  /** At once. */
  readonly containers: number;
  readonly actions: number;
  readonly forMs: number;
  readonly workers: number;
  readonly seed: number;
}

export interface Churned {
  readonly created: number;
  readonly most: number;
  /** Whose addresses something else on this machine had, and why each was refused. */
  readonly elsewhere: readonly string[];
  /** At its busiest, nearly. */
  readonly amid: Record<string, number>;
  readonly left: Record<string, number>;
  /** Before it and after it. */
  readonly files: [number, number];
}

interface Living {
  readonly id: string;
  readonly address: string;
  readonly action: number;
  isSuspended: boolean;
}

/** More than that is no accident. */
const elsewhereMost = 10;

const openFiles = (): number => readdirSync('/proc/self/fd').length;

export async function churn(wanted: Churn): Promise<Churned> {
  const { containers, actions, forMs, workers, seed } = wanted;
  const before = openFiles();
  const random = seededRandom(seed);
  const driver = await wanted.open();
  await driver.recover();
  const free = [...driver.addresses];
  const living: Living[] = [];
  let amid: Record<string, number> = {};
  let [created, most] = [0, 0];
  const elsewhere: string[] = [];
  const until = systemClock.now() + forMs;
  const post = async (address: string, path: string, value: object): Promise<Record<string, unknown>> => {
    const body = JSON.stringify({ value });
    const headers = { connection: 'close' };
    return (await fetch(`http://${address}${path}`, { method: 'POST', body, headers })).json() as never;
  };
  /** At the next address if something else uses this one, as the agent does it. */
  const createSomewhere = async (id: string): Promise<string> => {
    for (;;) {
      const address = free.shift()!;
      const spec = { id, kind: 'nodejs:20', memoryMb: 128, concurrency: 1, address };
      try {
        await driver.create(spec, 60_000, new AbortController().signal);
        return address;
      } catch (error) {
        if (!(error instanceof AddressInUse) || elsewhere.length >= elsewhereMost) throw error;
        elsewhere.push(`${error.message} ${error.cause instanceof Error ? error.cause.message : ''}`);
        free.push(address);
      }
    }
  };
  const create = async (): Promise<void> => {
    created += 1;
    const id = `c${created}`;
    const action = Math.floor(random() * actions);
    const address = await createSomewhere(id);
    const code = `const main = () => { console.log(${action}); return { action: ${action} } }`;
    await post(address, '/init', { name: 'a', main: 'main', code });
    living.push({ id, address, action, isSuspended: false });
    most = Math.max(most, living.length);
    wanted.seen?.();
  };
  const step = async (): Promise<void> => {
    const wish = random();
    if (living.length < containers && wish < 0.4) return create();
    // Whoever takes it out has it for itself.
    const [one] = living.splice(Math.floor(random() * living.length), 1);
    if (!one) return;
    if (wish > 0.75) {
      await driver.remove(one.id);
      free.push(one.address);
      return;
    }
    if (one.isSuspended) await driver.resume(one.id);
    const { action } = await post(one.address, '/run', {});
    if (action !== one.action) throw new Error(`${one.id} answered for action ${String(action)}, not ${one.action}`);
    one.isSuspended = random() < 0.7;
    if (one.isSuspended) await driver.suspend(one.id);
    living.push(one);
  };
  const worker = async (): Promise<void> => {
    while (systemClock.now() < until) await step();
  };
  try {
    await Promise.all(Array.from({ length: workers }, worker));
    amid = await wanted.count();
  } finally {
    await driver.close();
  }
  return { created, most, elsewhere, amid, left: await wanted.count(), files: [before, openFiles()] };
}
