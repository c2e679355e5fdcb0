// The container proxy against random interleavings of run, finish, timer, drain and failure, checked against a model of what must hold.
import fc from 'fast-check';
import { ContainerProxy, type GrantedContainer, type NextStep } from './container-proxy';

const container = (concurrency: number): GrantedContainer => ({
  id: 'c1',
  grantId: '1.1',
  actionKey: 'guest|guest/hello|1',
  nodeId: 'node0',
  agentUrl: 'http://127.0.0.1:1',
  address: '127.0.0.1:1',
  kind: 'nodejs:20',
  memoryMb: 256,
  concurrency,
});

type Event =
  'reserve' | 'finish' | 'initialised' | 'timer' | 'suspendEnded' | 'resumed' | 'reclaim' | 'retire' | 'remove';
const events: Event[] = [
  'reserve',
  'reserve',
  'finish',
  'finish',
  'initialised',
  'timer',
  'suspendEnded',
  'resumed',
  'reclaim',
  'retire',
  'remove',
];

/** Drives a proxy the way the shell may, and keeps count of what the outside world would see. */
class World {
  readonly proxy: ContainerProxy<number>;
  /** Runs that were told to begin and have not finished. */
  running = 0;
  waiting = new Set<number>();
  initialising = false;
  /** What the agent was last asked for and has not answered. */
  asked: { verb: 'suspend' | 'resume'; sequence: number } | undefined;
  sequences: number[] = [];
  frozen: boolean;
  drained = 0;
  private next = 0;

  constructor(
    readonly concurrency: number,
    start: 'uninitialised' | 'initialised' | 'suspended',
  ) {
    this.proxy = new ContainerProxy(container(concurrency), start, 0);
    this.frozen = start === 'suspended';
  }

  apply(event: Event): void {
    const { proxy } = this;
    switch (event) {
      case 'reserve': {
        if (!proxy.canReserve()) return;
        const waiter = this.next++;
        this.follow(proxy.reserve(waiter), waiter);
        return;
      }
      case 'finish':
        if (this.running === 0) return;
        this.running -= 1;
        this.follow(proxy.release(1), undefined);
        return;
      case 'initialised':
        if (!this.initialising || proxy.state === 'removed') return;
        this.initialising = false;
        proxy.initialised();
        this.running += 1;
        return;
      case 'timer':
        if (!proxy.suspend()) return;
        expect(this.running).toBe(0);
        this.ask('suspend');
        return;
      case 'suspendEnded':
        if (this.asked?.verb !== 'suspend') return;
        this.frozen = true;
        this.answer((sequence) => this.follow(proxy.suspendEnded(sequence), undefined));
        return;
      case 'resumed':
        if (this.asked?.verb !== 'resume') return;
        this.frozen = false;
        this.answer((sequence) => {
          for (const waiter of proxy.resumed(sequence)) {
            expect(this.waiting.delete(waiter)).toBe(true);
            this.running += 1;
          }
        });
        return;
      case 'reclaim': {
        const busy = proxy.isBusy;
        const wasRemoved = proxy.state === 'removed';
        expect(proxy.reclaim()).toBe(!busy && !wasRemoved);
        return;
      }
      case 'retire':
        this.follow(proxy.retire(), undefined);
        return;
      case 'remove':
        for (const waiter of proxy.remove()) expect(this.waiting.delete(waiter)).toBe(true);
        this.initialising = false;
        return;
    }
  }

  check(): void {
    const { proxy } = this;
    // Suspend and run exclude each other.
    if (this.running > 0 && proxy.state !== 'removed') expect(this.frozen).toBe(false);
    if (proxy.state === 'suspended' || proxy.state === 'ready') expect(proxy.isBusy).toBe(false);
    expect(proxy.inFlight).toBeLessThanOrEqual(this.concurrency);
    if (proxy.state === 'removed') {
      expect(this.waiting.size).toBe(0);
      expect(proxy.canReserve()).toBe(false);
    } else {
      expect(proxy.inFlight).toBe(this.running + this.waiting.size + Number(this.initialising));
    }
    expect(this.drained).toBeLessThanOrEqual(1);
    // Sequence numbers start at 1 and grow by one.
    expect(this.sequences).toEqual(this.sequences.map((_, index) => index + 1));
  }

  private follow(step: NextStep, waiter: number | undefined): void {
    if (step === 'run') this.running += 1;
    if (step === 'init') this.initialising = true;
    if (step === 'wait' || (step === 'resume' && waiter !== undefined)) this.waiting.add(waiter!);
    if (step === 'resume') this.ask('resume');
    if (step === 'drained') {
      this.drained += 1;
      expect(this.running + this.waiting.size).toBe(0);
    }
  }

  private ask(verb: 'suspend' | 'resume'): void {
    this.asked = { verb, sequence: this.proxy.sequence };
    this.sequences.push(this.proxy.sequence);
  }

  private answer(deliver: (sequence: number) => void): void {
    const { sequence } = this.asked!;
    this.asked = undefined;
    deliver(sequence);
  }
}

describe('container proxy', () => {
  it('keeps its promises over random interleavings', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom('uninitialised' as const, 'initialised' as const, 'suspended' as const),
        fc.array(fc.constantFrom(...events), { maxLength: 80 }),
        (concurrency, start, sequence) => {
          const world = new World(concurrency, start);
          for (const event of sequence) {
            world.apply(event);
            world.check();
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('takes only one reservation until its code is loaded', () => {
    const proxy = new ContainerProxy<number>(container(3), 'uninitialised', 0);
    expect(proxy.reserve(1)).toBe('init');
    expect(proxy.canReserve()).toBe(false);
    proxy.initialised();
    expect(proxy.canReserve()).toBe(true);
  });

  it('makes a run that arrives while suspending wait for the suspend and then for the resume', () => {
    const proxy = new ContainerProxy<number>(container(1), 'initialised', 0);
    expect(proxy.suspend()).toBe(true);
    expect(proxy.reserve(7)).toBe('wait');
    expect(proxy.suspendEnded(1)).toBe('resume');
    expect(proxy.sequence).toBe(2);
    expect(proxy.resumed(1)).toEqual([]);
    expect(proxy.resumed(2)).toEqual([7]);
    expect(proxy.state).toBe('running');
  });

  it('answers Reclaim with Kept while something is reserved, even if it has not begun', () => {
    const proxy = new ContainerProxy<number>(container(1), 'suspended', 0);
    proxy.reserve(1);
    expect(proxy.reclaim()).toBe(false);
  });

  it('drains once, when the last run of a retired container ends', () => {
    const proxy = new ContainerProxy<number>(container(2), 'initialised', 0);
    proxy.reserve(1);
    proxy.reserve(2);
    expect(proxy.retire()).toBe('none');
    expect(proxy.canReserve()).toBe(false);
    expect(proxy.release(1)).toBe('none');
    expect(proxy.release(2)).toBe('drained');
    expect(proxy.state).toBe('removed');
  });

  it('stops the program when a slot is given back twice', () => {
    const proxy = new ContainerProxy<number>(container(1), 'initialised', 0);
    proxy.reserve(1);
    proxy.release(1);
    expect(() => proxy.release(2)).toThrow('released more often than reserved');
  });
});
