import type { admin } from '#protocol';
import { actionRows, eventLine, json, nodeState, nodeTable } from './listings';
import { alignedTable, duration } from '#terminal';

const node = (changes: Partial<admin.Node> = {}): admin.Node => ({
  id: 'node0',
  agentUrl: 'http://a:1',
  state: 'alive',
  cordoned: false,
  memoryMb: 1_024,
  memoryUsedMb: 256,
  containers: 1,
  creating: 0,
  driver: 'process',
  heartbeatAgeMs: 350,
  draining: false,
  busy: 1,
  broken: false,
  ...changes,
});

const row = (actionKey: string, state: string): admin.ContainerRow => ({
  id: `${actionKey}${state}`,
  nodeId: 'node0',
  kind: 'nodejs:20',
  memoryMb: 256,
  state,
  owner: 'controller0',
  actionKey,
  grantId: '1.1',
  idleMs: 0,
});

const demand = (actionKey: string, waiting: number, inFlight: number): admin.DemandRow => ({
  controllerId: 'controller0',
  actionKey,
  waiting,
  inFlight,
  owned: 1,
  creating: 0,
  ageMs: 10,
});

it('puts numbers on the right and leaves no blanks at the end', () => {
  expect(
    alignedTable(
      ['NAME', 'COUNT', 'TEXT'],
      [
        ['a', '1', 'x'],
        ['longer', '200', ''],
      ],
    ),
  ).toBe(['NAME    COUNT  TEXT', 'a           1  x', 'longer    200', ''].join('\n'));
  expect(alignedTable(['NAME'], [])).toBe('NAME\n');
});

it.each([
  [999, '999 ms'],
  [90_000, '90 s'],
  [600_000, '10 min'],
  [86_400_000, '24 h'],
])('says %d ms as %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

it('says in a word or two how a node is', () => {
  expect(nodeState(node())).toBe('alive');
  expect(nodeState(node({ cordoned: true }))).toBe('alive, cordoned');
  expect(nodeState(node({ cordoned: true, draining: true }))).toBe('alive, draining');
  expect(nodeState(node({ cordoned: true, draining: true, containers: 0 }))).toBe('alive, drained');
  expect(nodeState(node({ state: 'suspected', broken: true }))).toBe('suspected, creations fail');
  expect(nodeTable([node()])).toContain(
    'node0  alive           1     1         0       1024      256  process  350 ms',
  );
});

it('adds up containers and demands by action key, the longest queue first', () => {
  const containers = [
    row('a', 'busy'),
    row('a', 'free'),
    row('a', 'creating'),
    row('b', 'suspended'),
    row('', 'stem-cell'),
  ];
  expect(actionRows(containers, [demand('b', 4, 0), demand('b', 1, 2), demand('c', 1, 0)])).toEqual([
    { actionKey: 'b', containers: 1, busy: 0, free: 1, creating: 0, waiting: 5, inFlight: 2 },
    { actionKey: 'c', containers: 0, busy: 0, free: 0, creating: 0, waiting: 1, inFlight: 0 },
    { actionKey: 'a', containers: 3, busy: 1, free: 1, creating: 1, waiting: 0, inFlight: 0 },
  ]);
});

it('tells events in one line, and 64-bit numbers exactly', () => {
  expect(eventLine({ atMs: 1_500n, subject: 'node', id: 'node0', what: 'drained' })).toBe(
    '     1.500 s  node        node0  drained\n',
  );
  expect(json({ epoch: 9_007_199_254_740_993n })).toBe('{"epoch":"9007199254740993"}\n');
});
