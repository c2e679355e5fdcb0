// A small cluster around the pure scheduler: two agents, two controllers, messages and commands on their way. Each step does one
// thing that could happen next; faults are steps like any other. After every step the promises of the design are checked.
import { seededRandom } from '#clock';
import { defaultLimits } from '#limits';
import { type AgentContainer, type Cordon, cordonFlags, protocolVersion, type shareStates } from '#protocol';
import type { Effect, Input } from '../../apps/scheduler/src/core/effects';
import type { PolicyNames } from '../../apps/scheduler/src/core/policies';
import { SchedulerCore } from '../../apps/scheduler/src/core/scheduler-core';
import { type Command, ModelAgent, refuse } from './model-agent';
import { ModelController } from './model-controller';

const stemCells = [{ kind: 'nodejs:20', memoryMb: 256, count: 1 }];
const keys = ['guest|guest/a|1', 'guest|guest/b|1', 'guest|guest/large|1', 'other|other/a|1', 'guest|guest/c|1'];

interface UnderWay {
  readonly command: Command;
  readonly core: SchedulerCore;
  /** What the agent answered, once it has obeyed. */
  answer: Input | undefined;
}

export class SmallWorld {
  now = 0;
  readonly agents: ModelAgent[];
  controllers: ModelController[];
  readonly log: string[] = [];
  private core: SchedulerCore;
  private readonly random = seededRandom(7);
  private underWay: UnderWay[] = [];
  private readonly toController = new Map<number, shareStates.SchedulerMessage[]>();
  private readonly numbers = new Map<number, number>();
  private streams = 0;

  constructor(
    private readonly policies: Partial<PolicyNames> = {},
    private readonly isReusing = false,
  ) {
    this.core = this.newLeader(1n);
    this.agents = [512, 1_024].map(
      (memoryMb, at) => new ModelAgent(`node${at}`, memoryMb, (container, why) => this.removing(container, why)),
    );
    this.controllers = [new ModelController('controller0', 1n), new ModelController('controller1', 1n)];
  }

  get view(): SchedulerCore['view'] {
    return this.core.view;
  }

  get inFlight(): number {
    return this.underWay.length;
  }

  private newLeader(epoch: bigint): SchedulerCore {
    const limits = { ...defaultLimits, idleRemovalMs: 20_000 };
    const reuse = this.isReusing ? new Set(['nodejs:20']) : undefined;
    const settings = { limits, random: this.random, stemCells, policies: this.policies, reuse };
    return new SchedulerCore(epoch, settings, this.now);
  }

  private input(input: Input): void {
    for (const effect of this.core.handle(input, this.now)) this.run(effect);
  }

  private run(effect: Effect): void {
    switch (effect.kind) {
      case 'create':
      case 'bind':
      case 'remove':
      case 'inventory':
        this.underWay.push({ command: effect, core: this.core, answer: undefined });
        return;
      case 'close':
        return this.cut(this.controllers.find(({ stream }) => stream === effect.stream));
      case 'event':
        this.log.push(`${effect.subject} ${effect.id}: ${effect.what}`);
        return;
      case 'higher-epoch':
        throw new Error('a higher epoch was heard, though only one scheduler leads');
      case 'send':
        return;
    }
  }

  // ---- steps ----

  /** Does the `pick`-th thing of that sort, 0 to 22, the last a fault. A sort of which there is nothing does nothing. */
  step(sort: number, pick: number): void {
    const controller = this.controllers[pick % this.controllers.length]!;
    if (sort < 3) return this.invoke(controller, keys[(pick >> 1) % keys.length]!);
    if (sort < 6) return this.finish(pick);
    if (sort < 9) return this.obey(pick);
    if (sort < 12) return this.answer(pick, false);
    if (sort < 14) return this.deliver(controller);
    if (sort < 16) return this.carry(controller);
    if (sort < 19) return this.exchange();
    if (sort === 19 && pick % 4 === 0) return this.order(pick >> 2);
    if (sort === 19) return this.pass(pick % 30);
    if (sort === 20) return this.pass(pick % 400);
    if (sort === 21) return this.beat(this.agents[pick % this.agents.length]!);
    if (pick % 3 === 0) this.fault(pick >> 2);
    else this.exchange();
  }

  /** What an operator tells the leader; the agent has stored a cordon before the leader knows of it. */
  private order(pick: number): void {
    const agent = this.agents[(pick >> 3) % this.agents.length]!;
    const which = pick % 8;
    if (which < 3) return this.cordon(agent, 'draining');
    if (which < 5) return this.cordon(agent, which === 3 ? 'cordoned' : 'open');
    if (which === 5) return this.setStemCells((pick >> 3) % 4);
    const ids = [...this.view.containers.keys()];
    const containerId = ids[(pick >> 3) % ids.length];
    if (containerId !== undefined) this.input({ kind: 'evict', containerId });
  }

  private cordon(agent: ModelAgent, cordon: Cordon): void {
    agent.cordon = cordon;
    agent.cordonNumber += 1;
    this.input({ kind: 'cordoned', nodeId: agent.nodeId, cordon, number: agent.cordonNumber });
  }

  private setStemCells(count: number): void {
    this.input({ kind: 'stem-cells', stemCells: [{ kind: 'nodejs:20', memoryMb: 256, count }] });
  }

  /** A moment in which the network works. */
  private exchange(): void {
    for (const agent of this.agents) this.beat(agent);
    for (const controller of [...this.controllers]) {
      for (let count = 0; count < 4; count += 1) {
        this.carry(controller);
        this.deliver(controller);
      }
    }
  }

  private fault(pick: number): void {
    const which = pick % 8;
    const agent = this.agents[(pick >> 3) % this.agents.length]!;
    const controller = this.controllers[(pick >> 3) % this.controllers.length]!;
    if (which === 0) return this.answer(pick >> 3, true);
    if (which === 1) return this.cut(controller);
    if (which === 2) return this.restart(controller);
    if (which === 3) return this.exit(agent, pick >> 3);
    if (which === 4) return this.changeLeader();
    if (which === 5) return this.pass(((pick >> 3) % 12) * 1_000);
    if (which === 6) agent.failsCreations = !agent.failsCreations;
    else this.restartAgent(agent, pick >> 4);
  }

  invoke(controller: ModelController, key: string): void {
    controller.invoke(key);
  }

  finish(pick: number): void {
    const runs = this.controllers.flatMap((controller) =>
      [...controller.held].filter(([, { isRunning }]) => isRunning).map(([id]) => ({ controller, id })),
    );
    const run = runs[pick % Math.max(1, runs.length)];
    if (run) run.controller.finish(run.id, this.living(run.id));
  }

  private living(id: string): boolean {
    return this.agents.some(({ containers }) => containers.get(id)?.state === 'running');
  }

  /** An agent gets a command and obeys it; the answer is on its way. */
  obey(pick: number): void {
    const waiting = this.underWay.filter(({ answer }) => answer === undefined);
    const one = waiting[pick % Math.max(1, waiting.length)];
    if (!one) return;
    const agent = this.agents.find(({ nodeId }) => nodeId === one.command.agent.nodeId)!;
    one.answer = agent.obey(one.command, one.core.epoch);
  }

  /** An answer arrives, or is lost: then nobody knows whether the command was obeyed. */
  answer(pick: number, isLost: boolean): void {
    const ready = this.underWay.filter(({ answer }) => isLost || answer !== undefined);
    const one = ready[pick % Math.max(1, ready.length)];
    if (!one) return;
    this.underWay = this.underWay.filter((other) => other !== one);
    // A command that was lost on the way to the agent may still arrive there later.
    if (isLost && one.answer === undefined && pick % 2 === 0) this.obeyLate(one);
    if (one.core !== this.core) return;
    this.input(isLost ? refuse(one.command, { code: 'unreachable', text: 'lost' }) : one.answer!);
  }

  private obeyLate(one: UnderWay): void {
    this.agents.find(({ nodeId }) => nodeId === one.command.agent.nodeId)!.obey(one.command, one.core.epoch);
  }

  /** One message of a controller arrives. */
  carry(controller: ModelController): void {
    if (controller.stream === undefined) this.connect(controller);
    const body = controller.outgoing.shift();
    if (!body || controller.stream === undefined) return;
    const { stream } = controller;
    const number = (this.numbers.get(stream) ?? 0) + 1;
    this.numbers.set(stream, number);
    this.input({ kind: 'message', stream, message: { number, epoch: 0n, body } });
  }

  /** One message to a controller leaves, and one arrives. */
  deliver(controller: ModelController): void {
    const { stream } = controller;
    if (stream === undefined) return;
    const onWay = this.toController.get(stream) ?? [];
    this.toController.set(stream, onWay);
    const next = this.core.nextMessage(stream);
    if (next) onWay.push(next);
    const arrived = onWay.length > 1 || !next ? onWay.shift() : undefined;
    if (arrived) controller.hear(arrived);
    if (controller.isDead) this.bury(controller);
  }

  private connect(controller: ModelController): void {
    this.streams += 1;
    controller.connect(this.streams);
  }

  private cut(controller: ModelController | undefined): void {
    if (controller?.stream === undefined) return;
    const { stream } = controller;
    controller.lost();
    this.toController.delete(stream);
    this.input({ kind: 'stream-closed', stream });
  }

  /** kill -9 and a new life; what its old life was running is over. */
  private restart(controller: ModelController): void {
    this.cut(controller);
    this.bury(controller);
    this.controllers.push(new ModelController(controller.id, controller.incarnation + 1n));
  }

  private bury(controller: ModelController): void {
    this.controllers = this.controllers.filter((other) => other !== controller);
    for (const { lapsed } of this.agents) lapsed.add(`${controller.id} ${controller.incarnation}`);
  }

  private exit(agent: ModelAgent, pick: number): void {
    const container = [...agent.containers.values()][pick % Math.max(1, agent.containers.size)];
    if (container) container.state = 'exited';
  }

  private restartAgent(agent: ModelAgent, pick: number): void {
    agent.incarnation += 1n;
    if (pick % 2 === 0) return;
    for (const container of agent.containers.values()) {
      for (const { held } of this.controllers) held.delete(container.id);
    }
    agent.containers.clear();
  }

  changeLeader(): void {
    const epoch = this.core.epoch + 1n;
    for (const controller of this.controllers) {
      controller.lost();
    }
    this.toController.clear();
    this.core = this.newLeader(epoch);
  }

  beat(agent: ModelAgent): void {
    this.input({
      kind: 'heartbeat',
      request: {
        nodeId: agent.nodeId,
        incarnation: agent.incarnation,
        agentUrl: `http://${agent.nodeId}`,
        protocolVersion,
        memoryMb: agent.memoryMb,
        kinds: ['nodejs:20'],
        driver: 'model',
        epoch: agent.epoch,
        ...cordonFlags(agent.cordon),
        cordonNumber: agent.cordonNumber,
        parallelCreations: 2,
        lapsed: agent.lapsedList,
        exited: agent.exited,
        blackbox: false,
        wipes: true,
        intervalMs: 1_000,
      },
    });
  }

  pass(ms: number): void {
    this.now += ms;
    this.input({ kind: 'tick' });
  }

  // ---- promises ----

  private removing({ id, state }: AgentContainer, reason: string): void {
    if (state === 'exited') return;
    for (const { held, id: holder } of this.controllers) {
      if (held.has(id)) throw new Error(`${id} is removed (${reason}) while ${holder} holds it`);
    }
  }

  check(): void {
    for (const agent of this.agents) {
      if (agent.overcommits > 0) throw new Error(`${agent.nodeId}: memory was promised twice`);
      for (const { id, note, state } of agent.containers.values()) {
        const holders = this.controllers.filter(({ held }) => held.has(id));
        if (holders.length > 1) throw new Error(`${id} has two owners`);
        const grantId = holders[0]?.held.get(id)?.grantId;
        if (holders.length === 1 && state !== 'exited' && grantId !== note?.grantId) {
          throw new Error(`${id} is held by grant ${grantId}, but its note says ${note?.grantId}`);
        }
      }
    }
    this.checkBooks();
  }

  /** Sums and indexes of the core agree with what they sum up. */
  private checkBooks(): void {
    for (const node of this.view.nodes.values()) {
      const containers = [...node.containers];
      const used = containers.reduce((sum, { memoryMb }) => sum + memoryMb, 0);
      const held = [...node.holds].reduce((sum, { haveMb }) => sum + haveMb, 0);
      const creating = containers.filter(({ state }) => state === 'creating').length;
      const books = { usedMb: node.usedMb, heldMb: node.heldMb, creating: node.creating };
      const isRight = books.usedMb === used && books.heldMb === held && books.creating === creating;
      if (!isRight)
        throw new Error(`${node.id}: books ${JSON.stringify(books)}, counted ${used}, ${held}, ${creating}`);
      if (node.hasInventory && used + held > node.memoryMb)
        throw new Error(`${node.id}: ${used} + ${held} MB are promised`);
      for (const { id, owner } of containers)
        if (
          this.view.containers.get(id) === undefined ||
          (owner && !owner.containers.has(owner && [...owner.containers].find((one) => one.id === id)!))
        )
          throw new Error(`${id}: lost in the books`);
    }
  }

  /** No more faults: everything on its way arrives, runs end, until nothing happens any more. */
  calmDown(): void {
    for (const agent of this.agents) agent.failsCreations = false;
    // The others may stay as operators have left them.
    this.agents[0]!.cordon = 'open';
    for (let round = 0; round < 400; round += 1) {
      for (const agent of this.agents) this.beat(agent);
      for (let inner = 0; inner < 6; inner += 1) {
        while (this.underWay.length > 0) {
          while (this.underWay.some(({ answer }) => answer === undefined)) this.obey(0);
          this.answer(0, false);
        }
        for (const controller of [...this.controllers]) {
          if (controller.stream === undefined) this.connect(controller);
          while (controller.outgoing.length > 0) this.carry(controller);
          for (let heard = 0; heard < 50; heard += 1) this.deliver(controller);
        }
      }
      for (let runs = 0; runs < 20; runs += 1) this.finish(runs);
      for (const controller of this.controllers)
        for (const key of controller.waiting.keys()) controller.tellDemand(key);
      this.check();
      this.pass(250);
      if (this.isQuiet && this.now > 0 && round > 20) return;
    }
  }

  get waiters(): number {
    return this.controllers.reduce((sum, { waiting }) => sum + [...waiting.values()].reduce((a, b) => a + b, 0), 0);
  }

  get isQuiet(): boolean {
    const quiet = ['stem-cell', 'free', 'suspended', 'parked'];
    const containers = [...this.view.containers.values()];
    const holds = [...this.view.nodes.values()].some(({ holds: open }) => open.size > 0);
    // A cancelled demand whose last grant was not confirmed yet may stay until the next Demand of its controller.
    const boxes = this.view.sessions.some(
      ({ outbox, demands }) =>
        outbox.size > 0 ||
        [...demands.values()].some(({ waiting, inProgress, unsent }) => waiting + inProgress + unsent > 0),
    );
    return (
      this.waiters === 0 &&
      [...this.view.nodes.values()].every(({ isDraining, containers: left }) => !isDraining || left.size === 0) &&
      this.inFlight === 0 &&
      !holds &&
      !boxes &&
      containers.every(({ state }) => quiet.includes(state))
    );
  }
}
