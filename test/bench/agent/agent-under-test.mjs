// A real agent process with one driver, and its REST routes as scheduler and controllers call them: over kept connections.
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Pool, request } from 'undici';
import { freePorts } from '../children.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const token = 'the-agent-token-of-this-bench';
const connections = 32;
const startMs = 60_000;
/** The first run of an action makes the note that names its owner. */
const owner = {
  owner: 'controller0',
  incarnation: '1',
  actionKey: 'guest|guest/noop|1',
  namespace: 'guest',
  epoch: '1',
};

export class AgentUnderTest {
  #pool;
  #count = 0;

  /** Answers a running agent, or throws with the sentence that it ended with. */
  static async start(children, driver, { images, socket }) {
    const [port] = await freePorts(1);
    // Below the ports that the system gives away by itself, or something else would listen there for a moment.
    const first = 20_000 + (process.pid % 60) * 200;
    const directory = children.makeDirectory('agent');
    if (images !== undefined) symlinkSync(images, join(directory, 'images'));
    const child = children.start(process.execPath, [join(root, 'dist/apps/invoker-agent/src/main.js')], {
      env: {
        HEARTH_DATA_DIR: directory,
        CLUSTER_SECRET: 'the-cluster-secret-of-this-bench',
        AGENT_TOKEN: token,
        AGENT_LISTEN: `127.0.0.1:${port}`,
        CONTAINER_PORTS: `${first}-${first + 199}`,
        CONTAINER_DRIVER: driver,
        NODE_MEMORY_MB: '16384',
        LOG_LEVEL: 'warn',
        ...(socket === undefined ? {} : { DOCKER_SOCKET: socket }),
      },
    });
    const agent = new AgentUnderTest();
    agent.child = child;
    agent.driver = driver;
    agent.#pool = new Pool(`http://127.0.0.1:${port}`, { connections });
    const until = performance.now() + startMs;
    while (!(await agent.isHealthy())) {
      if (child.isOver) throw new Error(child.printed().trim().split('\n').at(-1));
      if (performance.now() > until) throw new Error(`the agent did not answer within ${startMs} ms`);
      await sleep(50);
    }
    return agent;
  }

  isHealthy() {
    return this.#pool.request({ method: 'GET', path: '/health' }).then(
      async ({ body }) => {
        await body.dump();
        return true;
      },
      () => false,
    );
  }

  async call(method, path, body) {
    const { statusCode, body: answer } = await this.#pool.request({
      method,
      path,
      headers: { authorization: `Bearer ${token}`, 'x-hearth-epoch': '1', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (statusCode >= 300) throw new Error(`${method} ${path}: the agent answered ${statusCode} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  /** A container without an owner; answers once its server listens. */
  async create() {
    const id = `bench-${(this.#count += 1)}`;
    const { addresses } = await this.call('POST', '/containers', {
      id,
      kind: 'nodejs:20',
      memoryMb: 256,
      concurrency: 1,
    });
    return { id, address: addresses.container ?? addresses.published, grantId: undefined, sequence: 0 };
  }

  /** Whether its driver isolates, and so can make a used container as new. */
  get wipes() {
    return this.driver !== 'process';
  }

  /** Gives it to another action of its namespace. */
  async reuse(container) {
    container.grantId = `1.${(this.#count += 1)}`;
    const actionKey = `guest|guest/noop|${this.#count}`;
    const note = { ...owner, actionKey, grantId: container.grantId, logLimitMb: 10 };
    const { addresses } = await this.call('PUT', `/containers/${container.id}/bind`, { note, wipe: true });
    container.address = addresses.container ?? addresses.published;
  }

  async bind(container) {
    container.grantId = `1.${(this.#count += 1)}`;
    const note = { ...owner, grantId: container.grantId, logLimitMb: 10 };
    await this.call('PUT', `/containers/${container.id}/bind`, { note });
  }

  suspend(container) {
    return this.#suspendOrResume('suspend', container);
  }

  resume(container) {
    return this.#suspendOrResume('resume', container);
  }

  #suspendOrResume(verb, container) {
    container.sequence += 1;
    return this.call('POST', `/${verb}/${container.id}`, { grantId: container.grantId, sequence: container.sequence });
  }

  remove({ id, grantId }) {
    return this.call('DELETE', `/containers/${id}`, grantId ? { grantId, reason: 'drained' } : { reason: 'unbound' });
  }

  async end() {
    this.child.child.kill('SIGTERM');
    await this.child.ended;
    await this.#pool.close();
  }
}

/** What a controller posts to a container; throws unless it is 200. */
export async function post({ address }, path, body) {
  const { statusCode, body: answer } = await request(`http://${address}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });
  const text = await answer.text();
  if (statusCode !== 200) throw new Error(`POST ${path} of a container was answered ${statusCode} ${text}`);
}
