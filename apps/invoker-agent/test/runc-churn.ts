// Containers that come and go at random, as a busy node's do; afterwards nothing may be left of them.
import { readdirSync } from 'node:fs';
import { seededRandom, systemClock } from '#clock';
import { RuncDriver, type RuncDriverSettings } from '../src/runc/runc-driver';
import { takenBy } from './runc-machine';

export interface Churn {
  readonly settings: RuncDriverSettings;
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

const openFiles = (): number => readdirSync('/proc/self/fd').length;

export async function churn({ settings, containers, actions, forMs, workers, seed }: Churn): Promise<Churned> {
  const before = openFiles();
  const random = seededRandom(seed);
  const driver = new RuncDriver(settings);
  await driver.recover();
  const living: Living[] = [];
  let [created, most] = [0, 0];
  const until = systemClock.now() + forMs;
  const post = async (address: string, path: string, value: object): Promise<Record<string, unknown>> => {
    const body = JSON.stringify({ value });
    const headers = { connection: 'close' };
    return (await fetch(`http://${address}${path}`, { method: 'POST', body, headers })).json() as never;
  };
  const create = async (): Promise<void> => {
    created += 1;
    const id = `c${created}`;
    const address = driver.addresses[created % driver.addresses.length]!;
    const action = Math.floor(random() * actions);
    const spec = { id, kind: 'nodejs:20', memoryMb: 128, concurrency: 1, address };
    await driver.create(spec, 60_000, new AbortController().signal);
    const code = `const main = () => { console.log(${action}); return { action: ${action} } }`;
    await post(address, '/init', { name: 'a', main: 'main', code });
    living.push({ id, address, action, isSuspended: false });
    most = Math.max(most, living.length);
  };
  const step = async (): Promise<void> => {
    const wish = random();
    if (living.length < containers && wish < 0.4) return create();
    // Whoever takes it out has it for itself.
    const [one] = living.splice(Math.floor(random() * living.length), 1);
    if (!one) return;
    if (wish > 0.75) return driver.remove(one.id);
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
  } finally {
    await driver.close();
  }
  const left = Object.entries(takenBy(settings.directory)).map(([what, all]: [string, string[]]) => [what, all.length]);
  return { created, most, left: Object.fromEntries(left) as Record<string, number>, files: [before, openFiles()] };
}
