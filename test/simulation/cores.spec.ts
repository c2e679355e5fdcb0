// The cores of a machine: equal shares, and never more work done than they can do.
import { Cores } from './cores';
import { EventQueue } from './event-queue';

function rig(count: number): {
  queue: EventQueue;
  cores: Cores;
  run(): void;
  ends: [string, number][];
  end(name: string): () => void;
} {
  const queue = new EventQueue();
  const ends: [string, number][] = [];
  return {
    queue,
    cores: new Cores(queue, count),
    run: () => {
      while (queue.nextAt < Infinity) queue.step();
    },
    ends,
    end: (name) => () => ends.push([name, Math.round(1_000 * queue.now) / 1_000]),
  };
}

it('gives nobody more than one core', () => {
  const { cores, run, ends, end } = rig(4);
  cores.work(10, end('one'));
  cores.work(20, end('two'));
  run();
  expect(ends).toEqual([
    ['one', 10],
    ['two', 20],
  ]);
});

it('gives everybody the same share of what is too little', () => {
  const { queue, cores, run, ends, end } = rig(2);
  for (const name of ['a', 'b', 'c', 'd']) cores.work(10, end(name));
  // It comes when the others have half of theirs, and is alone at the end.
  queue.at(10, () => cores.work(10, end('late')));
  run();
  expect(ends.slice(0, 4).map(([, at]) => at)).toEqual([22.5, 22.5, 22.5, 22.5]);
  expect(ends[4]).toEqual(['late', 27.5]);
});

it('never does more than its cores can do, whatever comes when', () => {
  const { queue, cores, run, ends, end } = rig(2);
  let work = 0;
  for (let at = 0; at < 200; at += 1) {
    const ms = 1 + ((at * 37) % 23);
    work += ms;
    queue.at((at * 13) % 50, () => cores.work(ms, end(`${at}`)));
  }
  run();
  expect(ends).toHaveLength(200);
  expect(Math.max(...ends.map(([, at]) => at))).toBeGreaterThanOrEqual(work / 2);
});

it('stretches only the part that keeps a core busy', () => {
  const { cores, run, ends, end } = rig(1);
  cores.take(10, 0.4, end('first'));
  cores.take(10, 0.4, end('second'));
  run();
  // Both have done their 4 ms of work after 8, and wait for 6 more.
  expect(ends.map(([, at]) => at)).toEqual([14, 14]);
  expect(cores.stretch).toBe(1);
});
