// What is measured side by side, each already running and initialised with the same no-op action.
//
// A contender tells where its load goes (`endpoints`) and what is sent (`requests` by action). The platform itself is in platform.mjs.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePorts } from './children.mjs';
import { plainEndpoint, post } from './load.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const runtimeFile = join(root, 'docker/action-runtimes/nodejs/server.js');
const memoryMb = 256;
export const noop = 'function main() { return { ok: true } }';

/** The very /run that the platform would send. */
const runBody = JSON.stringify({
  value: {},
  namespace: 'guest',
  action_name: '/guest/noop',
  action_version: '0.0.1',
  activation_id: '{{id}}',
  transaction_id: '{{id}}',
  deadline: '1800000000000',
});
const run = post('/run', runBody);

/** With `queue` it keeps so many requests for so long each, and refuses the rest at once. */
export async function bareServer(children, queue) {
  const [port] = await freePorts(1);
  const words = [port, ...(queue === undefined ? [] : [queue.held, queue.holdMs])].map(String);
  const child = children.start(process.execPath, [join(root, 'test/bench/bare-server.mjs'), ...words]);
  await children.listening(child, port, 'the bare Node server');
  return { key: 'node', name: 'bare Node server', ports: [port], endpoints: [plainEndpoint(port)], requests: [run] };
}

/** One runtime that overlaps runs, or `count` of them, each an action of its own; `overlaps` if calls of one may come at once. */
export async function runtimes(children, count, { overlaps = count === 1 } = {}) {
  const ports = await freePorts(count);
  await inTurns(ports, async (port) => {
    const child = children.start(process.execPath, [`--max-old-space-size=${memoryMb}`, runtimeFile], {
      env: {
        __OW_PORT: String(port),
        __OW_HOST: '127.0.0.1',
        __HEARTH_LOG_STAMP: '1',
        __HEARTH_EXIT_WITH_STDIN: '1',
        ...(overlaps && { __OW_ALLOW_CONCURRENT: 'true' }),
      },
    });
    await children.listening(child, port, 'the action runtime');
    const answer = await fetch(`http://127.0.0.1:${port}/init`, {
      method: 'POST',
      body: JSON.stringify({ value: { name: 'noop', main: 'main', code: noop, binary: false } }),
    });
    if (!answer.ok) throw new Error(`the action runtime refused the no-op action: ${await answer.text()}`);
  });
  return {
    key: count === 1 ? 'runtime' : 'runtimes',
    name: count === 1 ? 'bare container' : `${count} bare containers`,
    ports,
    endpoints: ports.map((port) => plainEndpoint(port)),
    requests: ports.map(() => run),
  };
}

/** Processes that boot all at once take longer than one after the other, and miss their deadline. */
const bootAtOnce = 4;
async function inTurns(items, act) {
  const rest = [...items];
  const lane = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) await act(item);
  };
  await Promise.all(Array.from({ length: bootAtOnce }, lane));
}

/** Undefined where there is no nginx. Debian keeps it where only root's PATH leads. */
export function findNginx() {
  const places = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return places.map((place) => join(place, 'nginx')).find((file) => existsSync(file));
}

/** nginx as a keep-alive reverse proxy before a bare contender: the least that a gateway costs. */
export async function nginxBefore(children, nginx, behind, { spread = 'least_conn' } = {}) {
  const [port] = await freePorts(1);
  const prefix = children.makeDirectory('nginx');
  writeFileSync(join(prefix, 'nginx.conf'), nginxConfiguration(prefix, port, behind.ports, spread));
  const child = children.start(nginx, [
    '-p',
    prefix,
    '-c',
    join(prefix, 'nginx.conf'),
    '-e',
    join(prefix, 'error.log'),
  ]);
  await children.listening(child, port, 'nginx');
  return {
    key: `nginx-${behind.key}`,
    name: `nginx, ${behind.name}`,
    ports: [port],
    endpoints: [plainEndpoint(port)],
    requests: [run],
  };
}

/** One connection per run at most, so least_conn never sends two runs to one container; exact only within one worker. */
function nginxConfiguration(prefix, port, ports, spread) {
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
    ${spread};
    ${ports.map((each) => `server 127.0.0.1:${each} max_fails=0;`).join('\n    ')}
    keepalive ${Math.max(64, 2 * ports.length)};
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
