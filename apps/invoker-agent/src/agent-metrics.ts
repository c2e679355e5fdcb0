// What Prometheus is told about this agent. Gauges are read from the ledger when somebody asks, so they cost nothing otherwise.
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AgentContainerState } from '#protocol';
import type { Ledger } from './ledger/ledger';
import type { LogCollector } from './logs/log-collector';
import type { TimedOperation } from './timed-driver';
import type { Tunnels } from './tunnels';

const states: readonly AgentContainerState[] = ['creating', 'running', 'suspended', 'exited', 'removing'];

export class AgentMetrics {
  readonly registry = new Registry();
  readonly creations: Histogram;
  readonly commands: Counter<'command' | 'code'>;
  readonly suspensions: Counter<'verb'>;
  private readonly operations: Histogram<'driver' | 'operation' | 'outcome'>;

  constructor(
    private readonly driver: string,
    ledger: Ledger,
    logs: LogCollector,
    tunnels: Pick<Tunnels, 'count'>,
  ) {
    const registers = [this.registry];
    this.creations = new Histogram({
      name: 'hearth_agent_creation_seconds',
      help: 'From the command to a listening container.',
      buckets: [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30],
      registers,
    });
    this.commands = new Counter({
      name: 'hearth_agent_refusals_total',
      help: 'Requests that were answered with an error.',
      labelNames: ['command', 'code'],
      registers,
    });
    this.suspensions = new Counter({
      name: 'hearth_agent_suspensions_total',
      help: 'Containers suspended and resumed, by verb.',
      labelNames: ['verb'],
      registers,
    });
    this.operations = new Histogram({
      name: 'hearth_agent_operation_seconds',
      help: 'What an operation took the driver: create (to a listener), suspend, resume, wipe (to a listener), remove, log (collecting one).',
      labelNames: ['driver', 'operation', 'outcome'],
      // A freezer takes 0.2 ms, an engine that hangs as long as its time limit.
      buckets: [0.000_2, 0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30],
      registers,
    });
    new Gauge({
      name: 'hearth_agent_containers',
      help: 'Containers on this node by state.',
      labelNames: ['state'],
      registers,
      collect() {
        const counts = new Map(states.map((state) => [state, 0]));
        for (const { state } of ledger.records()) counts.set(state, (counts.get(state) ?? 0) + 1);
        for (const [state, count] of counts) this.set({ state }, count);
      },
    });
    new Gauge({
      name: 'hearth_agent_addresses',
      help: 'Addresses for containers by state.',
      labelNames: ['state'],
      registers,
      collect() {
        for (const [state, count] of Object.entries(ledger.addressCounts())) this.set({ state }, count);
      },
    });
    this.gauge('hearth_agent_memory_used_mb', 'Memory that containers take together.', () => ledger.memoryUsedMb);
    this.gauge('hearth_agent_tunnels', 'Connections to containers that go through here.', () => tunnels.count);
    this.gauge('hearth_agent_log_held_bytes', 'Log lines in memory.', () => logs.metrics().heldBytes);
    this.gauge('hearth_agent_log_rows_waiting', 'Log rows that wait for the store.', () => logs.metrics().rowsWaiting);
    this.gauge('hearth_agent_log_rows_lost', 'Log rows that were dropped.', () => logs.metrics().rowsLost);
  }

  /** Also what failed: an engine that hangs should be seen. */
  observe(operation: TimedOperation, isDone: boolean, ms: number): void {
    const outcome = isDone ? 'done' : 'failed';
    this.operations.observe({ driver: this.driver, operation, outcome }, ms / 1_000);
  }

  private gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(read());
      },
    });
  }
}
