// Two real controllers on one data directory, `one` and `two`, around a scheduler that does what a test tells it and a node of real containers.
//
// Guarantee: `stop` leaves no process and no file, also when a controller has ended before.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeScheduler } from '../support/fake-scheduler';
import { Guest } from '../support/guest';
import { pause, until } from '../support/until';
import { ControllerProcess } from './controller-process';
import { NodeOfContainers } from './node-of-containers';

export const secret = 'a cluster secret of some length';
export const bearer = { authorization: `Bearer ${secret}` };
export const [one, two] = ['controller1', 'controller2'] as const;
export type ControllerId = typeof one | typeof two;

/** Tells where and how it runs, after `ms`. */
export const telling = `function main({ ms = 0, n }) {
  const { __OW_API_KEY: key, __OW_ACTIVATION_ID: id, __OW_TRANSACTION_ID: transaction } = process.env;
  const left = Number(process.env.__OW_DEADLINE) - Date.now();
  return new Promise((done) => setTimeout(done, ms, { pid: process.pid, n, key, id, transaction, left }));
}`;

export interface Warm {
  readonly key: string;
  readonly pid: number;
  readonly containerId: string;
  readonly grantId: string;
}

export class TwoControllers {
  private readonly guests: Record<ControllerId, Guest>;

  private constructor(
    private readonly directory: string,
    readonly scheduler: FakeScheduler,
    readonly node: NodeOfContainers,
    readonly controllers: Readonly<Record<ControllerId, ControllerProcess>>,
  ) {
    this.guests = { [one]: new Guest(controllers[one]), [two]: new Guest(controllers[two]) };
  }

  static async start(
    settings: Record<string, string> = {},
    /** Only for the second. */
    ofTwo: Record<string, string> = {},
  ): Promise<TwoControllers> {
    const directory = mkdtempSync(join(tmpdir(), 'hearth-two-'));
    const scheduler = await FakeScheduler.start(secret);
    const node = await NodeOfContainers.start(scheduler);
    const all = {
      ...{ HEARTH_DATA_DIR: directory, CLUSTER_SECRET: secret, AGENT_TOKEN: 'an agent token of some length' },
      ...{ SCHEDULERS: scheduler.address, LIMIT_OVERFLOW_WAIT_MS: '15000' },
      ...settings,
    };
    const first = await ControllerProcess.start(one, all);
    const controllers = { [one]: first, [two]: await ControllerProcess.start(two, { ...all, ...ofTwo }) };
    return new TwoControllers(directory, scheduler, node, controllers);
  }

  async stop(): Promise<void> {
    for (const controller of Object.values(this.controllers)) await controller.end('SIGKILL');
    this.scheduler.stop();
    await this.node.stop();
    rmSync(this.directory, { recursive: true });
  }

  guest(id: ControllerId): Guest {
    return this.guests[id];
  }

  /** What stands of its journal, by name. */
  journalFiles(id: ControllerId): string[] {
    return readdirSync(join(this.directory, 'journal')).filter((name) => name.startsWith(`${id}.`));
  }

  /** Where others forward to it, as it said itself. */
  address(id: ControllerId): string {
    return this.scheduler.hello(id).address;
  }

  hint(id: ControllerId, actionKey: string, address: string, free = 1): void {
    this.scheduler.say(id, { $case: 'hint', value: { actionKey, address, free } });
  }

  /** The action key of the newest demand for an action. */
  keyOf(name: string): Promise<string> {
    return until(`the key of ${name}`, () => {
      const demands = [one, two].flatMap((id) => this.scheduler.all(id, 'demand'));
      return demands.reverse().find(({ actionKey }) => actionKey.includes(`/${name}|`))?.actionKey;
    });
  }

  /** Waits until the first controller demands for the key, has forwarded, and demands again. */
  isBack(key: string): Promise<unknown> {
    return until('it came back', () => {
      const demands = this.scheduler.all(one, 'demand').filter(({ actionKey }) => actionKey === key);
      return demands.filter(({ waiting }) => waiting === 1).length >= 2;
    });
  }

  /** Puts an action and gives a controller a container of it that has run once and is free. */
  async warm(id: ControllerId, name: string, annotations: { key: string; value: unknown }[] = []): Promise<Warm> {
    await this.guest(one).putAction(name, telling, { annotations });
    const first = this.guest(id).invoke(name);
    const key = await this.keyOf(name);
    const granted = await this.node.grant(id, key);
    const { json } = await first;
    return { key, pid: json.response.result.pid as number, ...granted };
  }

  /** Fails unless the action has this many records, now and a moment later (for that controller). */
  async expectRecords(name: string, count: number, at: ControllerId = two): Promise<void> {
    await until(`${count} records of ${name}`, async () => (await this.guest(one).recordCount(name)) >= count);
    await pause(300);
    expect(await this.guest(at).recordCount(name)).toBe(count);
  }
}
