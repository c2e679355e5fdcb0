// A controller that is stopped in order while clients with kept connections use it: no call fails, its containers are handed on.
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { pause, until } from '../support/until';
import { one, two, TwoControllers } from './two-controllers';

interface Outcome {
  readonly status: number;
  /** Of a request that never reached anybody: a client goes on to the next controller, as a load balancer does. */
  readonly isRefused: boolean;
  readonly error?: string;
}

const isRefused = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', () => resolve(true));
  });

describe('an orderly stop of a controller', () => {
  let cluster: TwoControllers;
  beforeEach(async () => {
    cluster = await TwoControllers.start();
  });
  afterEach(() => cluster.stop());

  function invoke(agent: Agent, name: string, ms: number): Promise<Outcome> {
    const body = JSON.stringify({ ms });
    const url = cluster.guest(two).url(`actions/${name}?blocking=true`);
    const { authorization } = cluster.guest(two);
    const headers = { authorization, 'content-type': 'application/json', 'content-length': body.length };
    return new Promise((resolve) => {
      const sent = request(url, { method: 'POST', agent, headers }, (response) => {
        response.resume().on('end', () => resolve({ status: response.statusCode!, isRefused: false }));
      });
      sent.on('error', (error: NodeJS.ErrnoException) =>
        resolve({ status: 0, isRefused: error.code === 'ECONNREFUSED', error: error.message }),
      );
      sent.end(body);
    });
  }

  it('answers every request that reached it, ends its connections, and gives its containers back', async () => {
    const { key, containerId, grantId } = await cluster.warm(two, 'used');
    await cluster.node.grant(two, key);
    await cluster.node.grant(two, key);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const agents = [
      agent,
      new Agent({ keepAlive: true, maxSockets: 1 }),
      new Agent({ keepAlive: true, maxSockets: 1 }),
    ];
    const outcomes: Outcome[] = [];
    let isOver = false;
    const clients = agents.map(async (own) => {
      while (!isOver) {
        const outcome = await invoke(own, 'used', 5);
        outcomes.push(outcome);
        if (outcome.isRefused) return;
      }
    });
    await until('they are at work', () => outcomes.length > 30);
    expect(await cluster.controllers[two].end()).toBe(0);
    isOver = true;
    await Promise.all(clients);
    for (const own of agents) own.destroy();
    const failed = outcomes.filter(({ status, isRefused }) => status !== 200 && !isRefused);
    expect(failed).toEqual([]);
    expect(outcomes.filter(({ isRefused }) => isRefused)).toHaveLength(3);
    expect(cluster.scheduler.all(two, 'goodbye')).toHaveLength(1);
    const drained = cluster.scheduler.all(two, 'drained');
    expect(drained).toHaveLength(3);
    expect(drained).toContainEqual({ containerId, grantId });
    const answered = outcomes.filter(({ status }) => status === 200).length;
    expect(await cluster.guest(one).recordCount('used')).toBe(answered + 1);
  });

  it('finishes what runs, forwarded ones included, takes no connection and says so to whoever still has one', async () => {
    const { key } = await cluster.warm(two, 'long');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await invoke(agent, 'long', 0)).status).toBe(200);
    const forwarded = cluster.guest(one).invoke('long', { ms: 1_500 });
    await cluster.scheduler.demand(one, 1, key);
    cluster.hint(one, key, cluster.address(two));
    await cluster.scheduler.demand(one, 0, key);
    await pause(200);
    const ended = cluster.controllers[two].end();
    await until('it takes no connection', () => isRefused(cluster.controllers[two].apiHost));
    await pause(400);
    // On a connection from before: the linger is over.
    expect((await invoke(agent, 'long', 0)).status).toBe(503);
    agent.destroy();
    expect((await forwarded).status).toBe(200);
    expect(await ended).toBe(0);
    await cluster.expectRecords('long', 3, one);
  });

  it('gives what it had claimed of the queue to the other at once', async () => {
    await cluster.guest(one).putAction('queued', 'function main() { return {} }');
    const { json } = await cluster.guest(two).invoke('queued', {}, '');
    const key = await cluster.keyOf('queued');
    const claimer = cluster.scheduler.all(one, 'demand').some(({ actionKey }) => actionKey === key) ? one : two;
    const other = claimer === one ? two : one;
    const begun = performance.now();
    const ended = cluster.controllers[claimer].end();
    await cluster.scheduler.demand(other, 1, key);
    expect(performance.now() - begun).toBeLessThan(5_000);
    await cluster.node.grant(other, key);
    expect((await cluster.guest(other).record(json.activationId as string)).response.status).toBe('success');
    expect(await ended).toBe(0);
  });
});
