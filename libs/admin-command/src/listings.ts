// What admin lists, as rows of a table. Pure.
import type { admin } from '#protocol';
import { alignedTable, duration } from '#terminal';

const orNone = (text: string): string => (text === '' ? '-' : text);
/** What an operator wants to know about a node in one word or two. */
export function nodeState({ state, draining, cordoned, broken, containers }: admin.Node): string {
  const marks = [
    draining ? (containers === 0 ? 'drained' : 'draining') : cordoned ? 'cordoned' : '',
    broken ? 'creations fail' : '',
  ];
  return [state, ...marks.filter((mark) => mark !== '')].join(', ');
}

export function nodeTable(nodes: readonly admin.Node[]): string {
  return alignedTable(
    ['NODE', 'STATE', 'CONTAINERS', 'BUSY', 'CREATING', 'MEMORY MB', 'USED MB', 'DRIVER', 'HEARD', 'AGENT'],
    nodes.map((node) => [
      node.id,
      nodeState(node),
      String(node.containers),
      String(node.busy),
      String(node.creating),
      String(node.memoryMb),
      String(node.memoryUsedMb),
      node.driver,
      duration(node.heartbeatAgeMs),
      node.agentUrl,
    ]),
  );
}

export function containerTable(containers: readonly admin.ContainerRow[]): string {
  return alignedTable(
    ['CONTAINER', 'NODE', 'KIND', 'MB', 'STATE', 'IDLE', 'OWNER', 'ACTION'],
    containers.map(({ id, nodeId, kind, memoryMb, state, idleMs, owner, actionKey }) => [
      id,
      nodeId,
      kind,
      String(memoryMb),
      state,
      idleMs > 0 ? duration(idleMs) : '-',
      orNone(owner),
      orNone(actionKey),
    ]),
  );
}

export interface ActionRow {
  readonly actionKey: string;
  readonly containers: number;
  /** In which something runs, or may run. */
  readonly busy: number;
  readonly free: number;
  readonly waiting: number;
  readonly inFlight: number;
  readonly creating: number;
}

const freeStates = ['free', 'suspended'];
const coming = ['creating', 'removing'];

/** By action key, whoever waits most first. */
export function actionRows(
  containers: readonly admin.ContainerRow[],
  demands: readonly admin.DemandRow[],
): ActionRow[] {
  const rows = new Map<string, { -readonly [Name in keyof ActionRow]: ActionRow[Name] }>();
  const rowOf = (actionKey: string): { -readonly [Name in keyof ActionRow]: ActionRow[Name] } => {
    const row = rows.get(actionKey) ?? {
      actionKey,
      ...{ containers: 0, busy: 0, free: 0, waiting: 0, inFlight: 0, creating: 0 },
    };
    rows.set(actionKey, row);
    return row;
  };
  for (const { actionKey, state } of containers) {
    if (actionKey === '') continue;
    const row = rowOf(actionKey);
    row.containers += 1;
    if (state === 'creating') row.creating += 1;
    else if (freeStates.includes(state)) row.free += 1;
    else if (!coming.includes(state)) row.busy += 1;
  }
  for (const { actionKey, waiting, inFlight } of demands) {
    const row = rowOf(actionKey);
    row.waiting += waiting;
    row.inFlight += inFlight;
  }
  return [...rows.values()].sort(
    (left, right) =>
      right.waiting - left.waiting || right.containers - left.containers || (left.actionKey < right.actionKey ? -1 : 1),
  );
}

export function actionTable(rows: readonly ActionRow[]): string {
  return alignedTable(
    ['ACTION', 'CONTAINERS', 'BUSY', 'FREE', 'CREATING', 'WAITING'],
    rows.map(({ actionKey, ...counts }) => [
      actionKey,
      ...[counts.containers, counts.busy, counts.free, counts.creating, counts.waiting].map(String),
    ]),
  );
}

export function controllerTable(sessions: readonly admin.Session[]): string {
  return alignedTable(
    ['CONTROLLER', 'INCARNATION', 'STREAM', 'CONTAINERS', 'DEMANDS', 'FORWARD TO'],
    sessions.map(({ controllerId, incarnation, generation, containers, demands, address }) => [
      controllerId,
      String(incarnation),
      String(generation),
      String(containers),
      String(demands),
      orNone(address),
    ]),
  );
}

export function demandTable(demands: readonly admin.DemandRow[]): string {
  return alignedTable(
    ['CONTROLLER', 'ACTION', 'WAITING', 'RUNNING', 'OWNED', 'COMING', 'SINCE'],
    demands.map(({ controllerId, actionKey, waiting, inFlight, owned, creating, ageMs }) => [
      controllerId,
      actionKey,
      ...[waiting, inFlight, owned, creating].map(String),
      duration(ageMs),
    ]),
  );
}

export function stemCellTable(stemCells: readonly admin.StemCells[]): string {
  return alignedTable(
    ['KIND', 'MB', 'WANTED ON EACH NODE', 'CONFIGURED', 'SET BY', 'READY', 'CREATING'],
    stemCells.map(({ kind, memoryMb, count, configured, setByOperator, ready, creating }) => [
      kind,
      ...[memoryMb, count, configured].map(String),
      setByOperator ? 'an operator' : 'configuration',
      ...[ready, creating].map(String),
    ]),
  );
}

export function eventLine({ atMs, subject, id, what }: admin.Event): string {
  const seconds = (Number(atMs) / 1_000).toFixed(3).padStart(10);
  return `${seconds} s  ${subject.padEnd(10)}  ${id}  ${what}\n`;
}

/** One document, or one line of it; 64-bit numbers as text, exactly. */
export function json(value: unknown, indent?: number): string {
  const exact = (_: string, part: unknown): unknown => (typeof part === 'bigint' ? String(part) : part);
  return `${JSON.stringify(value, exact, indent)}\n`;
}
