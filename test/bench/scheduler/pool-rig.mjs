// The pure scheduler with a crowd around it: agents that obey at once, controllers that use what they get and give it up when asked.
//
// Guarantees: the same seed asks the same questions at every size; containers, nodes and keys stay at the numbers that were asked for,
// since the nodes are nearly full. What a decision costs is measured around the core's own calls only.
import { createRequire } from 'node:module';
import { root } from './root.mjs';

const require = createRequire(import.meta.url);
const { SchedulerCore } = require(`${root}/dist/apps/scheduler/src/core/scheduler-core.js`);

const { seededRandom } = require(`${root}/dist/libs/clock/src/index.js`);
const { defaultLimits } = require(`${root}/dist/libs/limits/src/index.js`);
const { protocolVersion, shareStates } = require(`${root}/dist/libs/protocol/src/index.js`);

const kind = 'nodejs:20';
const memoryMb = 256;
const controllerCount = 4;
/** Of the containers, how many are busy at a time. */
const busyShare = 0.3;
/** How often a container ends by itself, so that memory comes free without a reclaim. */
const endShare = 0.25;
/** How often a key is asked for by another controller than the one that mostly serves it. */
const elsewhereShare = 0.2;
/** Time between two demands: a thousand demands a second. */
const stepMs = 1;

export class PoolRig {
  /** Demands, by how they were answered first. */
  answers = {};
  /** Containers made, bound, granted, asked back or let go, and demands denied. */
  decisions = 0;
  demands = 0;
  inputs = 0;
  spentMs = 0;
  #nowMs = 1_000;
  #sessions = [];
  #busy = new Queue();
  #ended = [];
  #grants = new Map();
  #ids = [];
  #keys;
  #asked;

  constructor({ nodes, containers, keys, policies = {}, seed = 1 }) {
    this.random = seededRandom(seed);
    this.containerCount = containers;
    this.#keys = Array.from({ length: keys }, (_, at) => `guest|guest/action${at}|1`);
    const limits = { ...defaultLimits, nodeSuspectedMs: 2 ** 40, nodeGoneMs: 2 ** 41, idleRemovalMs: 2 ** 40 };
    const settings = {
      limits: { ...limits, inventoryRefreshMs: 2 ** 40 },
      random: seededRandom(seed + 1),
      stemCells: [{ kind, memoryMb, count: 1 }],
      policies,
    };
    this.core = new SchedulerCore(1n, settings, 0);
    for (let at = 0; at < nodes; at += 1) this.#addNode(`node${at}`, (containers / nodes) * memoryMb);
    for (let at = 0; at < controllerCount; at += 1) this.#hello(at + 1);
    // Enough turns to fill the nodes, and then to meet every kind of decision, optimised.
    while (this.core.view.containers.size < containers) this.demand();
    for (let turn = 0; turn < Math.max(10_000, containers / 4); turn += 1) this.demand();
  }

  /** What so many demands cost. */
  measure(demands) {
    this.answers = {};
    this.decisions = this.demands = this.inputs = this.spentMs = 0;
    for (let turn = 0; turn < demands; turn += 1) this.demand();
    const { answers, decisions, inputs, spentMs } = this;
    return { demands, answers, decisions, inputs, spentMs };
  }

  /** One controller asks for one container, and all that follows: creation, bind, removal, use. */
  demand() {
    this.#nowMs += stepMs;
    const at = Math.floor(this.random() * this.#keys.length);
    const home = at % controllerCount;
    const session = this.#sessions[this.random() < elsewhereShare ? (home + 1) % controllerCount : home];
    const actionKey = this.#keys[at];
    this.demands += 1;
    this.#asked = undefined;
    this.#say(session, { $case: 'demand', value: demandOf(actionKey, 1, session.seen) });
    if (this.#asked !== undefined) this.answers[this.#asked] = (this.answers[this.#asked] ?? 0) + 1;
    // Granted or given up, nothing waits any more.
    this.#say(session, { $case: 'demand', value: demandOf(actionKey, 0, session.seen) });
    while (this.#busy.size > this.containerCount * busyShare) this.#free(this.#busy.take());
    if (this.random() < endShare) this.#endOne();
  }

  #free(containerId) {
    const grant = this.#grants.get(containerId);
    if (grant === undefined) return;
    const value = { containerId, grantId: grant.grantId, state: shareStates.UseState.FREE, idleMs: 0 };
    this.#say(grant.session, { $case: 'states', value: { states: [value] } });
  }

  /** A container that was granted some time ago breaks, and its owner says so. */
  #endOne() {
    const containerId = this.#ids[Math.floor(this.random() * this.#ids.length)];
    const grant = this.#grants.get(containerId);
    if (grant === undefined) return;
    this.#say(grant.session, { $case: 'removed', value: { containerId, grantId: grant.grantId, reason: 'it broke' } });
  }

  // ---- the crowd ----

  #addNode(nodeId, nodeMemoryMb) {
    const request = {
      nodeId,
      incarnation: 1n,
      agentUrl: `http://${nodeId}`,
      protocolVersion,
      memoryMb: nodeMemoryMb,
      kinds: [kind],
      driver: 'bench',
      epoch: 0n,
      cordoned: false,
      draining: false,
      parallelCreations: 16,
      lapsed: [],
      exited: [],
      blackbox: false,
    };
    this.#input({ kind: 'heartbeat', request });
  }

  #hello(stream) {
    const session = { stream, number: 0, seen: 0 };
    this.#sessions.push(session);
    const value = { controllerId: `controller${stream}`, incarnation: 1n, generation: 1, address: '' };
    this.#say(session, { $case: 'hello', value: { ...value, containers: [], demands: [], protocolVersion } });
  }

  #say(session, body) {
    session.number += 1;
    this.#input({ kind: 'message', stream: session.stream, message: { number: session.number, epoch: 1n, body } });
  }

  /** Carries an input out to the end: every command is obeyed, every message heard. */
  #input(input) {
    const todo = [input];
    const streams = new Set();
    for (let next = todo.shift(); next !== undefined; next = todo.shift()) {
      const began = performance.now();
      const effects = this.core.handle(next, this.#nowMs);
      this.spentMs += performance.now() - began;
      this.inputs += 1;
      for (const effect of effects) {
        if (effect.kind === 'send') streams.add(effect.stream);
        else this.#obey(effect, todo);
      }
      if (todo.length > 0) continue;
      for (const stream of streams) this.#hear(this.#sessions[stream - 1], todo);
      streams.clear();
    }
  }

  #obey(effect, todo) {
    switch (effect.kind) {
      case 'create':
        this.decisions += 1;
        if (effect.request.note !== undefined) this.#asked ??= 'cold';
        todo.push({ kind: 'created', containerId: effect.request.id, addresses: { container: '10.0.0.1:8080' } });
        return;
      case 'bind':
        this.decisions += 1;
        this.#asked ??= this.#grants.has(effect.containerId) ? 'warm' : 'prewarmed';
        todo.push({ kind: 'bound', containerId: effect.containerId, grantId: effect.note.grantId });
        return;
      case 'remove':
        this.decisions += 1;
        this.#grants.delete(effect.containerId);
        todo.push({ kind: 'removed', containerId: effect.containerId });
        return;
      case 'inventory': {
        const { nodeId } = effect.agent;
        const inventory = { nodeId, incarnation: '1', epoch: '1', memoryMb: 0, containers: [], lapsed: [] };
        todo.push({ kind: 'inventory', nodeId, askedAt: effect.askedAt, inventory });
      }
    }
  }

  #hear(session, todo) {
    for (;;) {
      const began = performance.now();
      const message = this.core.nextMessage(session.stream);
      this.spentMs += performance.now() - began;
      if (message === undefined) return;
      this.#read(session, message, todo);
    }
  }

  #read(session, { number, body }, todo) {
    const answer = (reply) => {
      session.number += 1;
      const message = { number: session.number, epoch: 1n, body: reply };
      todo.push({ kind: 'message', stream: session.stream, message });
    };
    if (['grant', 'reclaim', 'denied'].includes(body.$case)) this.decisions += 1;
    switch (body.$case) {
      case 'grant': {
        const { id } = body.value.container;
        session.seen = number;
        if (!this.#grants.has(id)) this.#remember(id);
        this.#grants.set(id, { session, grantId: body.value.grantId });
        this.#busy.put(id);
        return;
      }
      case 'reclaim': {
        const { containerId, grantId } = body.value;
        const isMove = this.core.view.containers.get(containerId)?.hold === undefined;
        this.#asked ??= isMove ? 'move' : 'reclaim';
        return answer({ $case: 'drained', value: { containerId, grantId } });
      }
      case 'denied':
        this.#asked ??= 'denied';
    }
  }

  /** Ids to pick from at random; those that are gone are overwritten. */
  #remember(id) {
    if (this.#ids.length < this.containerCount) this.#ids.push(id);
    else this.#ids[Math.floor(this.random() * this.#ids.length)] = id;
  }
}

/** First in, first out, without moving what is in it. */
class Queue {
  #items = [];
  #head = 0;

  get size() {
    return this.#items.length - this.#head;
  }

  put(item) {
    this.#items.push(item);
  }

  take() {
    const item = this.#items[this.#head];
    this.#head += 1;
    if (this.#head > 65_536 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}

function demandOf(actionKey, waiting, lastSeen) {
  return {
    actionKey,
    kind,
    image: '',
    memoryMb,
    concurrency: 1,
    waiting,
    inFlight: 1,
    owned: 1,
    meanDurationMs: 200,
    oldestRunningMs: 0,
    lastSeen,
    oldestWaitingMs: 0,
    logLimitMb: 10,
    namespaceConcurrency: 0,
  };
}
