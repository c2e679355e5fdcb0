// What is measured side by side, each already running and initialised with the same no-op action.
//
// A contender tells where its load goes (`ports`, path, headers, body), for which numbers of connections it is measured, and how many containers
// work for it. The bare ones get the very /run that the platform would send.
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePorts } from './children.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const runtimeFile = join(root, 'docker/action-runtimes/nodejs/server.js');
const memoryMb = 256;
const noop = 'function main() { return { ok: true } }';

const run = {
  path: '/run',
  body: JSON.stringify({
    value: {},
    namespace: 'guest',
    action_name: '/guest/noop',
    action_version: '0.0.1',
    activation_id: '{{id}}',
    transaction_id: '{{id}}',
    deadline: '1800000000000',
  }),
};

/** OpenWhisk's public development credential. */
const guest = '23bc46b1-71f6-4ed5-8c54-816aa4f8c502:123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP';
const authorization = `Basic ${Buffer.from(guest).toString('base64')}`;

export async function bareServer(children) {
  const [port] = await freePorts(1);
  const child = children.start(process.execPath, [join(root, 'test/bench/bare-server.mjs'), String(port)]);
  await children.listening(child, port, 'the bare Node server');
  return { key: 'node', name: 'bare Node server', ports: [port], ...run, containers: async () => 0 };
}

/** One runtime for all connections, or with `count` one for each. */
export async function runtimes(children, count) {
  const ports = await freePorts(count);
  await Promise.all(
    ports.map(async (port) => {
      const child = children.start(process.execPath, [`--max-old-space-size=${memoryMb}`, runtimeFile], {
        env: {
          __OW_PORT: String(port),
          __OW_HOST: '127.0.0.1',
          __HEARTH_LOG_STAMP: '1',
          __HEARTH_EXIT_WITH_STDIN: '1',
          ...(count === 1 && { __OW_ALLOW_CONCURRENT: 'true' }),
        },
      });
      await children.listening(child, port, 'the action runtime');
      const answer = await fetch(`http://127.0.0.1:${port}/init`, {
        method: 'POST',
        body: JSON.stringify({ value: { name: 'noop', main: 'main', code: noop, binary: false } }),
      });
      if (!answer.ok) throw new Error(`the action runtime refused the no-op action: ${await answer.text()}`);
    }),
  );
  const containers = async () => count;
  return count === 1
    ? { key: 'runtime', name: 'bare container', ports, ...run, containers }
    : { key: 'runtimes', name: `${count} bare containers`, ports, ...run, containers };
}

/** Undefined where there is no nginx. Debian keeps it where only root's PATH leads. */
export function findNginx() {
  const places = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return places.map((place) => join(place, 'nginx')).find((file) => existsSync(file));
}

/** nginx as a keep-alive reverse proxy before a bare contender: the least that a gateway costs. */
export async function nginxBefore(children, nginx, behind) {
  const [port] = await freePorts(1);
  const prefix = children.makeDirectory('nginx');
  writeFileSync(join(prefix, 'nginx.conf'), nginxConfiguration(prefix, port, behind.ports));
  const child = children.start(nginx, [
    '-p',
    prefix,
    '-c',
    join(prefix, 'nginx.conf'),
    '-e',
    join(prefix, 'error.log'),
  ]);
  await children.listening(child, port, 'nginx');
  return { ...behind, key: `nginx-${behind.key}`, name: `nginx, ${behind.name}`, ports: [port] };
}

/** One connection per run at most, so least_conn never sends two runs to one container; exact only within one worker. */
function nginxConfiguration(prefix, port, ports) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return `
daemon off;
worker_processes 1;
pid ${prefix}/nginx.pid;
error_log ${prefix}/error.log crit;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_timeout 3600s;
  keepalive_requests 1000000000;
  ${temporary.map((name) => `${name}_temp_path ${prefix}/${name};`).join('\n  ')}
  upstream containers {
    least_conn;
    ${ports.map((each) => `server 127.0.0.1:${each} max_fails=0;`).join('\n    ')}
    keepalive 64;
    keepalive_timeout 3600s;
    keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://containers;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;
}

const readyMs = 60_000;

/** The whole platform with its defaults, as `npm start` runs it, on free ports and data of its own. */
export async function hearth(children) {
  const data = children.makeDirectory('data');
  const child = children.start(process.execPath, [join(root, 'bin/hearth.mjs'), 'start'], {
    cwd: root,
    env: { HEARTH_DATA_DIR: data, HEARTH_PORTS: 'free', KINDS: 'nodejs:20' },
  });
  const until = performance.now() + readyMs;
  const record = () => JSON.parse(readFileSync(join(data, 'running.json'), 'utf8'));
  while (!(existsSync(join(data, 'running.json')) && record().isReady)) {
    if (child.isOver) throw new Error(`Hearth ended before it was ready. It printed:\n${child.printed()}`);
    if (performance.now() > until)
      throw new Error(`Hearth was not ready within ${readyMs} ms. It printed:\n${child.printed()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const { listeners } = record();
  const { AGENT_TOKEN } = JSON.parse(readFileSync(join(data, 'secrets.json'), 'utf8'));
  const path = '/api/v1/namespaces/_/actions/noop';
  const put = await fetch(`http://${listeners.API_LISTEN}${path}?overwrite=true`, {
    method: 'PUT',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ exec: { kind: 'nodejs:20', code: noop } }),
  });
  if (!put.ok) throw new Error(`Hearth refused the no-op action: ${put.status} ${await put.text()}`);
  return {
    key: 'hearth',
    name: 'Hearth',
    ports: [Number(listeners.API_LISTEN.split(':').at(-1))],
    path: `${path}?blocking=true`,
    headers: { authorization },
    body: '{}',
    /** Those that a controller was given for the action; stem cells wait for others. */
    async containers() {
      const answer = await fetch(`http://${listeners.AGENT_LISTEN}/containers`, {
        headers: { authorization: `Bearer ${AGENT_TOKEN}` },
      });
      const rows = await answer.json();
      return (rows.containers ?? rows).filter((row) => row.note !== undefined).length;
    },
  };
}
