// The platform that a bench measures: one of its own, started with the settings that a scenario needs, or any OpenWhisk API host that somebody names.
//
// Guarantees: actions that it made at a foreign host are removed by `removeActions`, and none that was there is touched; `stop` waits until the platform of the bench has ended.
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hostUrl, readApiHost } from './libs.mjs';
import { noop } from './contenders.mjs';
import { plainEndpoint, post } from './load.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const readyMs = 120_000;
/** OpenWhisk's public development credential. */
export const guest =
  '23bc46b1-71f6-4ed5-8c54-816aa4f8c502:123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP';

/** A manifest like the one that comes with Hearth, with so many stem cells; its path. */
export function manifestWith(children, stemCells) {
  const manifest = JSON.parse(readFileSync(join(root, 'docker/runtimes.json'), 'utf8'));
  for (const kinds of Object.values(manifest.runtimes)) {
    for (const kind of kinds) {
      if (kind.kind === 'nodejs:20' && stemCells > 0) kind.stemCells = [{ initialCount: stemCells, memory: '256 MB' }];
      else delete kind.stemCells;
    }
  }
  const file = join(children.makeDirectory('manifest'), 'runtimes.json');
  writeFileSync(file, JSON.stringify(manifest));
  return file;
}

export class Platform {
  #auth;
  #entry;
  #data;
  #made = new Set();
  #prefix;

  constructor(endpoint, auth, { entry, data } = {}) {
    this.endpoint = endpoint;
    this.#auth = auth;
    this.#entry = entry;
    this.#data = data;
    this.#prefix = entry === undefined ? `bench-${randomBytes(3).toString('hex')}-` : '';
  }

  static foreign(apihost, auth) {
    const endpoint = readApiHost(apihost, false);
    if (typeof endpoint === 'string') throw new Error(endpoint);
    return new Platform(endpoint, auth ?? guest);
  }

  /** All of it with the defaults of `npm start` but for `env`, on free ports and data of its own. */
  static async start(children, env = {}, images) {
    const data = children.makeDirectory('data');
    if (images !== undefined) symlinkSync(images, join(data, 'images'));
    const entry = children.start(process.execPath, [join(root, 'bin/hearth.mjs'), 'start'], {
      cwd: root,
      env: { HEARTH_DATA_DIR: data, HEARTH_PORTS: 'free', KINDS: 'nodejs:20', ...env },
    });
    const until = performance.now() + readyMs;
    while (!(existsSync(join(data, 'running.json')) && read(data).isReady)) {
      if (entry.isOver) throw new Error(`Hearth ended before it was ready. It printed:\n${entry.printed()}`);
      if (performance.now() > until)
        throw new Error(`Hearth was not ready within ${readyMs} ms. It printed:\n${entry.printed()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const [host, port] = read(data).listeners.API_LISTEN.split(':');
    return new Platform(plainEndpoint(Number(port), host), guest, { entry, data });
  }

  get isForeign() {
    return this.#entry === undefined;
  }

  /** Makes an action for each name; answers them as a contender that invokes them, blocking. */
  async actions(names, { code = noop, memoryMb, web = false, query = 'blocking=true', body = '{}', key, name } = {}) {
    const full = names.map((each) => `${this.#prefix}${each}`);
    for (const each of full) {
      const document = {
        exec: { kind: 'nodejs:20', code },
        ...(memoryMb !== undefined && { limits: { memory: memoryMb } }),
        ...(web && { annotations: [{ key: 'web-export', value: true }] }),
      };
      if (this.#made.has(each)) continue;
      await this.api('PUT', `actions/${each}?overwrite=true`, document);
      this.#made.add(each);
    }
    const headers = { host: hostUrl(this.endpoint).replace(/^https?:\/\//, '') };
    const namespace = web ? await this.#namespace() : '_';
    const path = (each) =>
      web ? `/api/v1/web/${namespace}/default/${each}.json` : `/api/v1/namespaces/_/actions/${each}?${query}`;
    const authorization = web ? {} : { authorization: this.authorization };
    return {
      key,
      name,
      endpoints: [this.endpoint],
      requests: full.map((each) => post(path(each), body, { ...headers, ...authorization })),
    };
  }

  async api(method, path, body) {
    const answer = await fetch(`${hostUrl(this.endpoint)}/api/v1/namespaces${path === '' ? '' : '/_/'}${path}`, {
      method,
      headers: { authorization: this.authorization, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok)
      throw new Error(`the API host answered ${method} ${path} with ${answer.status} ${text.slice(0, 300)}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async #namespace() {
    return (await this.api('GET', ''))[0];
  }

  /** Containers at the node: all, and those that a controller was given for an action. */
  async containers() {
    if (this.isForeign) return undefined;
    const answer = await fetch(`http://${read(this.#data).listeners.AGENT_LISTEN}/containers`, {
      headers: this.#agentToken(),
    });
    const rows = await answer.json();
    const all = rows.containers ?? rows;
    return { all: all.length, owned: all.filter((row) => row.note !== undefined).length };
  }

  /** Figures of an app by name and labels. */
  async metrics(app = 'controller') {
    const { API_LISTEN, AGENT_LISTEN } = read(this.#data).listeners;
    const answer = await fetch(`http://${app === 'agent' ? AGENT_LISTEN : API_LISTEN}/metrics`, {
      headers: this.#agentToken(),
    });
    if (!answer.ok) throw new Error(`${app} answered /metrics with ${answer.status}`);
    const found = {};
    for (const line of (await answer.text()).split('\n')) {
      const match = /^([a-z_]+(?:\{[^}]*\})?) (\S+)$/.exec(line);
      if (match) found[match[1]] = Number(match[2]);
    }
    return found;
  }

  /** Containers that the node has made since it started. */
  async creations() {
    if (this.isForeign) return NaN;
    const metrics = await this.metrics('agent');
    return Object.entries(metrics).reduce(
      (sum, [name, value]) => (name.startsWith('hearth_agent_creation_seconds_count') ? sum + value : sum),
      0,
    );
  }

  /** Process ids by app, `supervisor` among them. */
  pids() {
    const { supervisor, apps } = read(this.#data);
    return {
      supervisor: supervisor.pid,
      ...Object.fromEntries(Object.entries(apps).map(([name, { pid }]) => [name, pid])),
    };
  }

  /** Of the three apps and the supervisor, in MB. */
  residentMb() {
    return Object.fromEntries(Object.entries(this.pids()).map(([name, pid]) => [name, residentMb(pid)]));
  }

  async removeActions() {
    for (const each of this.#made) await this.api('DELETE', `actions/${each}`);
    this.#made.clear();
  }

  async stop() {
    if (this.isForeign) return this.removeActions();
    this.#entry.child.kill('SIGTERM');
    await this.#entry.ended;
  }

  #agentToken() {
    const { AGENT_TOKEN } = JSON.parse(readFileSync(join(this.#data, 'secrets.json'), 'utf8'));
    return { authorization: `Bearer ${AGENT_TOKEN}` };
  }

  /** The value of the header. */
  get authorization() {
    return `Basic ${Buffer.from(this.#auth).toString('base64')}`;
  }
}

const read = (data) => JSON.parse(readFileSync(join(data, 'running.json'), 'utf8'));

export function residentMb(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? NaN) / 1024;
}
