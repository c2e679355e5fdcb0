// One node as controllers see it, without an agent: real action containers, and the agent's routes for leases, suspend, resume and logs.
// Who owns what is written down by the test, as the scheduler's binds would.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type ActionContainer, processStarter } from '../../docker/action-runtimes/runtime-process';
import { shareStates } from '#protocol';
import type { FakeScheduler } from '../support/fake-scheduler';
import { root } from '../support/platform';

const startNodejs = processStarter(process.execPath, [join(root, 'docker/action-runtimes/nodejs/server.js')]);

interface Owned {
  readonly container: ActionContainer;
  readonly id: string;
  readonly grantId: string;
  readonly owner: string;
}

export class NodeOfContainers {
  private readonly owned: Owned[] = [];
  private readonly server: Server;
  /** `METHOD path`, in order of arrival. */
  readonly asked: string[] = [];

  private constructor(private readonly scheduler: FakeScheduler) {
    this.server = createServer((request, response) => this.serve(request, response));
  }

  static async start(scheduler: FakeScheduler): Promise<NodeOfContainers> {
    const node = new NodeOfContainers(scheduler);
    await new Promise<void>((resolve) => node.server.listen(0, '127.0.0.1', resolve));
    return node;
  }

  /** Starts a container and grants it. Answers its id and grant id. */
  async grant(controllerId: string, actionKey: string): Promise<{ containerId: string; grantId: string }> {
    const container = await startNodejs();
    const number = this.owned.length + 1;
    const owned = { container, id: `c${number}`, grantId: `1.${number}`, owner: controllerId };
    this.owned.push(owned);
    this.scheduler.say(controllerId, {
      $case: 'grant',
      value: {
        container: {
          id: owned.id,
          nodeId: 'node0',
          agentUrl: `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`,
          addresses: { container: `127.0.0.1:${container.port}`, published: '', proxy: '', unixSocket: '' },
          memoryMb: 256,
          concurrency: 1,
          suspended: false,
          kind: 'nodejs:20',
        },
        grantId: owned.grantId,
        actionKey,
        start: shareStates.Start.COLD,
      },
    });
    return { containerId: owned.id, grantId: owned.grantId };
  }

  async stop(): Promise<void> {
    for (const { container } of this.owned) await container.stop();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const { method, url = '' } = request;
    request.resume();
    this.asked.push(`${method} ${url}`);
    const lease = /^\/leases\/([^/]+)\//.exec(url);
    if (!lease) return void response.writeHead(204).end();
    const containers = this.owned
      .filter(({ owner }) => owner === lease[1])
      .map(({ id, grantId }) => ({ container: id, grantId, state: 'running' }));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ containers }));
  }
}
