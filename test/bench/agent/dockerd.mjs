// The Docker Engine that a bench measures: a private one where this is root and has a `dockerd`, so that nobody else's containers are in the way;
// else the one that answers. And a client of its API, since the command line costs more than what it asks for.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'undici';

const answerMs = 30_000;

/** Answers `{socket, end}`; throws with the reason why there is no engine. */
export async function startEngine(children) {
  if (process.getuid?.() !== 0 || !onPath('dockerd')) {
    const socket = process.env.DOCKER_SOCKET || '/var/run/docker.sock';
    if (await answers(socket)) return { socket, end: async () => undefined };
    throw new Error(`there is no dockerd that this user can start, and none answers at ${socket}`);
  }
  const directory = children.makeDirectory('dockerd');
  const at = (name) => join(directory, name);
  const socket = at('sock');
  const roots = ['--data-root', at('data'), '--exec-root', at('exec'), '--pidfile', at('pid')];
  const engine = children.start('dockerd', [...roots, '--host', `unix://${socket}`, '--bridge', 'none']);
  const until = performance.now() + answerMs;
  while (!(await answers(socket))) {
    if (engine.isOver) throw new Error(`dockerd ended at once: ${engine.printed().trim().split('\n').at(-1)}`);
    if (performance.now() > until) throw new Error(`dockerd did not answer within ${answerMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    socket,
    end: async () => {
      await removeContainers(socket);
      engine.child.kill('SIGTERM');
      await engine.ended;
      for (const mount of mountsBelow(directory)) execFileSync('umount', ['--lazy', mount], { stdio: 'ignore' });
    },
  };
}

export class Engine {
  constructor(socket) {
    this.client = new Client('http://docker', { socketPath: socket });
  }

  async ask(method, path, body) {
    const { statusCode, body: answer } = await this.client.request({
      method,
      path,
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });
    const text = await answer.text();
    if (statusCode >= 300) throw new Error(`${method} ${path}: the engine answered ${statusCode} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  close() {
    return this.client.close();
  }
}

async function removeContainers(socket) {
  const engine = new Engine(socket);
  for (const { Id } of await engine.ask('GET', '/containers/json?all=true')) {
    await engine.ask('DELETE', `/containers/${Id}?force=true&v=true`);
  }
  await engine.close();
}

async function answers(socket) {
  if (!existsSync(socket)) return false;
  const client = new Client('http://docker', { socketPath: socket });
  const isThere = await client.request({ method: 'GET', path: '/_ping' }).then(
    async ({ statusCode, body }) => {
      await body.dump();
      return statusCode === 200;
    },
    () => false,
  );
  await client.close();
  return isThere;
}

const mountsBelow = (directory) =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
    .filter((at) => at.startsWith(`${directory}/`))
    .reverse();

function onPath(program) {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, program)));
}
