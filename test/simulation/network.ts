// The network between processes: calls that may be lost before or after they took effect or come late, and connections with ordered
// messages that take their time, are cut, or fall silent because the link between two processes is down.
import type { Chance } from './chance';
import { Connection, type End, type EndHandlers } from './connection';
import type { Mourning } from './mourners';
import type { Process } from './process';
import type { World } from './world';

/** `refused`: nobody listened, so nothing was done. `lost`: nobody knows. */
export type CallFailure = 'refused' | 'lost';
export type CallOutcome<T> = { readonly value: T } | { readonly failure: CallFailure };

export interface Call<T> {
  readonly from: Process;
  readonly to: Process;
  readonly timeoutMs: number;
  /** At the callee. Answers once, or never. */
  serve(answer: (value: T) => void): void;
  /** At the caller, once. */
  done(outcome: CallOutcome<T>): void;
}

/** gRPC's keepalive finds a silent peer within this. */
const keepaliveMs = 3_000;

export class Network {
  /** Share of calls that are lost, and that arrive long after their caller gave up. */
  lossShare = 0;
  lateShare = 0;
  /** Share of messages that take very long. */
  slowShare = 0;
  private readonly down = new Set<string>();
  private readonly connections = new Set<Connection>();

  constructor(private readonly world: World) {}

  // ---- links ----

  private static link(one: Process, other: Process): string {
    return one.name < other.name ? `${one.name} ${other.name}` : `${other.name} ${one.name}`;
  }

  isDown(one: Process, other: Process): boolean {
    return this.down.size > 0 && this.down.has(Network.link(one, other));
  }

  /** For that long nothing passes between the two. */
  breakLink(one: Process, other: Process, ms: number): void {
    const link = Network.link(one, other);
    if (this.down.has(link)) return;
    this.down.add(link);
    this.world.transcript.say('network', `${link}: down for ${Math.round(ms)} ms`);
    this.world.queue.after(ms, () => {
      this.world.transcript.say('network', `${link}: up`);
      this.down.delete(link);
    });
    for (const connection of this.connections) {
      if (connection.isBetween(one, other)) this.world.queue.after(keepaliveMs, () => this.checkAlive(connection));
    }
  }

  repairAll(): void {
    this.down.clear();
    this.lossShare = 0;
    this.lateShare = 0;
    this.slowShare = 0;
  }

  private checkAlive(connection: Connection): void {
    if (connection.isBroken || this.isDown(connection.near.process, connection.far.process)) connection.cut(0, 50);
  }

  delay(): number {
    if (this.slowShare > 0 && this.world.chance.of(this.slowShare)) return this.world.chance.between(30, 1_200);
    const { timings, chance, agents } = this.world;
    const ms = timings.hopMs(chance);
    // Where everything is on one machine, its cores are what messages pass through.
    return (agents.length === 1 ? agents[0]!.machine.cores?.passing(ms, timings.busy!.hop) : undefined) ?? ms;
  }

  // ---- calls ----

  call<T>({ from, to, timeoutMs, serve, done }: Call<T>): void {
    const { queue, chance } = this.world;
    const { life } = from;
    let isOver = false;
    let mourning: Mourning | undefined;
    const end = (outcome: CallOutcome<T>): void => {
      if (isOver) return;
      isOver = true;
      timeout.cancel();
      mourning?.remove();
      done(outcome);
    };
    const later = (ms: number, outcome: CallOutcome<T>): void =>
      queue.after(ms, () => from.run(life, 'message', () => end(outcome)));
    const lost = { failure: 'lost' } as const;
    const timeout = from.timeout(timeoutMs, () => end(lost));
    const isLost = chance.of(this.lossShare) || this.isDown(from, to);
    const isLate = chance.of(this.lateShare);
    if (isLost && !isLate) {
      if (chance.of(0.5) && !this.isDown(from, to)) later(this.delay(), lost);
      return;
    }
    const requestMs = isLate ? chance.between(0.5, 3) * Math.min(timeoutMs, 3_000) : this.delay();
    const losesAnswer = isLost || chance.of(this.lossShare);
    queue.after(requestMs, () => {
      if (to.state === 'dead') return later(this.delay(), { failure: 'refused' });
      mourning = to.mourn(() => later(this.delay(), lost));
      to.run(to.life, 'message', () =>
        serve((value) => {
          if (losesAnswer || this.isDown(from, to)) return;
          // A late one may come just before its caller gives up, or after.
          later(chance.of(this.lateShare) ? chance.between(0, 1.2) * Math.min(timeoutMs, 3_000) : this.delay(), {
            value,
          });
        }),
      );
    });
  }

  // ---- connections ----

  /** From `one` to `other`, whose handlers are asked for when it gets there; undefined refuses. */
  connect(one: Process, other: Process, handlers: EndHandlers, accept: (end: End) => EndHandlers | undefined): End {
    const connection = new Connection(this.world, one, other, handlers, accept, (over) =>
      this.connections.delete(over),
    );
    this.connections.add(connection);
    return connection.near;
  }

  /** Some connection breaks. */
  cutOne(chance: Chance): void {
    const all = [...this.connections];
    if (all.length > 0) chance.pick(all).cut(0, 60);
  }

  cutBetween(one: Process, other: Process): void {
    for (const connection of this.connections) if (connection.isBetween(one, other)) connection.cut(0, 5);
  }

  /** Whoever is stopped for long is missed at the other ends. */
  stopped(process: Process): void {
    for (const connection of this.connections) {
      const peer = connection.peerOf(process);
      if (!peer) continue;
      const { life } = process;
      this.world.queue.after(keepaliveMs, () => {
        if (process.state === 'paused' && process.life === life && peer.notices) connection.cut(0, 50);
      });
    }
  }
}
