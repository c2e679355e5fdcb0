// What the scenarios of a bench share: contenders that are started once, platforms that end with their scenario, options, and the rounds.
//
// Guarantees: what several scenarios ask for is started once and kept until `end`; what one scenario started is ended by `endScenario`, so that it takes no processor time from the next.
import { bareServer, findNginx, nginxBefore, runtimes } from './contenders.mjs';
import { engineOrReason, makeImages } from './drivers.mjs';
import { median } from './figures.mjs';
import { Load } from './load.mjs';
import { Platform } from './platform.mjs';

export class BenchContext {
  #kept = new Map();
  #loads = new Map();
  #ofScenario = [];

  constructor(children, { seconds, rounds, full, soakMinutes, apihost, auth, say }) {
    Object.assign(this, { children, seconds, rounds, full, soakMinutes, apihost, auth, say });
    this.nginxProgram = findNginx();
  }

  /** Made by the first who asks. */
  kept(key, make) {
    if (!this.#kept.has(key)) this.#kept.set(key, make());
    return this.#kept.get(key);
  }

  bareServer() {
    return this.kept('node', () => bareServer(this.children));
  }

  /** One that refuses what exceeds its queue; ended with the scenario. */
  async fullServer(queue) {
    const started = this.children.count;
    const found = await bareServer(this.children, queue);
    this.#ofScenario.push(() => this.children.endFrom(started, 1));
    return { ...found, key: 'full' };
  }

  runtime() {
    return this.kept('runtime', () => runtimes(this.children, 1));
  }

  /** So many bare containers; ended with the scenario, since they take memory. */
  async runtimes(count, options) {
    const started = this.children.count;
    const found = await runtimes(this.children, count, options);
    this.#ofScenario.push(() => this.children.endFrom(started, count));
    return found;
  }

  /** Undefined without an nginx. */
  async nginx(behind, options) {
    if (this.nginxProgram === undefined) return undefined;
    const make = () => nginxBefore(this.children, this.nginxProgram, behind, options);
    return behind.key === 'runtime' ? this.kept('nginx', make) : make();
  }

  /** A platform with the defaults, or the host that was named. */
  platform() {
    return this.kept('platform', () =>
      this.apihost === undefined ? Platform.start(this.children) : Platform.foreign(this.apihost, this.auth),
    );
  }

  /** One with settings of its own, for this scenario; of a foreign host only it itself. */
  async ownPlatform(env, images) {
    if (this.apihost !== undefined) return this.platform();
    const platform = await Platform.start(this.children, env, images);
    this.#ofScenario.push(() => platform.stop());
    return platform;
  }

  /** Settings and images of a container driver; throws with the reason why there is none here. */
  async driver(name) {
    if (name === 'process') return { env: {} };
    const env = { CONTAINER_DRIVER: name };
    if (name === 'docker') {
      const engine = await this.kept('engine', () => engineOrReason(this.children));
      if (engine.reason !== undefined) throw new Error(engine.reason);
      env.DOCKER_SOCKET = engine.socket;
    } else if (process.getuid?.() !== 0) throw new Error('runc needs root');
    return { env, images: this.kept('images', () => makeImages()) };
  }

  /** The load of a contender, with its connections kept from round to round. */
  load(contender, options = {}) {
    const key = `${contender.key}@${options.connections ?? ''}`;
    const found = this.#loads.get(key);
    if (found?.contender === contender) return found.load;
    const load = new Load(contender, options);
    this.#loads.set(key, { contender, load });
    return load;
  }

  /**
   * Each act in turn, then again, so that a slow minute of the machine falls on all of them.
   * @param {Record<string, () => Promise<object>>} acts by name
   * @returns {Promise<Record<string, object[]>>} what each answered in each round
   */
  async inRounds(acts, rounds = this.rounds) {
    const found = Object.fromEntries(Object.keys(acts).map((name) => [name, []]));
    for (let round = 1; round <= rounds; round += 1) {
      for (const [name, act] of Object.entries(acts)) found[name].push(await act());
      const rates = Object.entries(found).map(([name, all]) => `${name} ${Math.round(all.at(-1).perSecond)}/s`);
      this.say(`  round ${round}: ${rates.join(', ')}`);
    }
    return found;
  }

  async endScenario() {
    for (const { load } of this.#loads.values()) load.close();
    this.#loads.clear();
    for (const end of this.#ofScenario.splice(0).reverse()) await end();
  }

  async end() {
    await this.endScenario();
    for (const [key, end] of [
      ['platform', (platform) => platform.stop()],
      ['engine', (engine) => engine.end?.()],
    ]) {
      // What never came about has been told already.
      const found = await Promise.resolve(this.#kept.get(key)).catch(() => undefined);
      if (found !== undefined) await end(found);
    }
  }
}

/** One row of a table: medians over rounds, errors added up. */
export function rowOf(what, rounds, more = {}) {
  const of = (figure) => median(rounds.map((round) => round[figure]));
  return {
    what,
    'requests/s': of('perSecond'),
    'p50 ms': of('p50Ms'),
    'p99 ms': of('p99Ms'),
    ...more,
    errors: rounds.reduce((sum, { errors, refused }) => sum + errors + refused, 0),
  };
}

/** Of each round, and then the median of the rounds. */
export function ratioOf(above, below, figure = 'perSecond', combine = (a, b) => a / b) {
  if (above === undefined || below === undefined) return NaN;
  return median(above.map((top, round) => combine(top[figure], below[round]?.[figure] ?? NaN)));
}

export const errorsIn = (...runs) => runs.flat().reduce((sum, { errors, refused }) => sum + errors + refused, 0);
export const firstErrors = (found) =>
  Object.entries(found).flatMap(([name, rounds]) => {
    const error = rounds.find(({ firstError }) => firstError)?.firstError;
    return error === undefined ? [] : [`${name}, first error: ${error}`];
  });
