// Random interleavings of commands of several epochs, schedulers and controllers, of time, and of what the driver does. After every step
// the ledger's promises are checked against a shadow that only looks at what was obeyed, and against the disk that the effects make.
import fc from 'fast-check';
import type { Note } from '#protocol';
import { compareGrantIds } from '#protocol';
import { Ledger } from './ledger';
import type { StoredNote } from './stored-note';
import type { Effect, Verdict } from './verdict';

const memoryMb = 1_000;
const addresses = ['a1', 'a2', 'a3'];
const graceLeaseMs = 100;

const ids = fc.constantFrom('c1', 'c2', 'c3', 'c4', 'c5', 'c6');
const leasesMs = fc.constantFrom(50, 200);
/** Relative to the highest so far: mostly the leader, sometimes an old or a new one. */
const epochs = fc.oneof({ weight: 30, arbitrary: fc.constant(0n) }, { weight: 2, arbitrary: fc.constantFrom(-1n, 1n) });
const notes = fc
  .record({
    epoch: fc.integer({ min: 1, max: 3 }),
    counter: fc.integer({ min: 1, max: 4 }),
    owner: fc.constantFrom('x', 'y'),
    incarnation: fc.constantFrom('1', '2'),
    actionKey: fc.constantFrom('n|n/a|1', 'n|n/a|1', 'n|n/b|1', 'n|p/a|1', 'm|m/a|1'),
  })
  .map(({ epoch, counter, owner, incarnation, actionKey }): Note => ({
    owner,
    incarnation,
    actionKey,
    namespace: actionKey[0]!,
    grantId: `${epoch}.${counter}`,
    epoch: String(epoch),
    logLimitMb: 1,
  }));

type Command =
  | { do: 'create'; epoch: bigint; id: string; memory: number; note: Note | undefined }
  | { do: 'bind'; epoch: bigint; id: string; note: Note; wipe: boolean }
  | {
      do: 'remove';
      epoch: bigint;
      id: string;
      grantId: string | undefined;
      truly: boolean;
      reason: 'drained' | 'failed' | 'disowned' | 'unbound' | 'orphan';
    }
  | { do: 'renew' | 'end'; owner: string; incarnation: bigint; leaseMs: number }
  | { do: 'exit' | 'finish' | 'fail'; id: string }
  | { do: 'sleep'; ms: number }
  | { do: 'restart' };

const commands: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('create' as const),
      epoch: epochs,
      id: ids,
      memory: fc.constantFrom(100, 300, 500),
      note: fc.option(notes, { nil: undefined }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('bind' as const),
      epoch: epochs,
      id: ids,
      note: notes,
      wipe: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('remove' as const),
      epoch: epochs,
      id: ids,
      grantId: fc.option(
        notes.map(({ grantId }) => grantId),
        { nil: undefined },
      ),
      truly: fc.boolean(),
      reason: fc.constantFrom(
        'drained' as const,
        'failed' as const,
        'disowned' as const,
        'unbound' as const,
        'orphan' as const,
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('renew' as const, 'end' as const),
      owner: fc.constantFrom('x', 'y'),
      incarnation: fc.bigInt({ min: 1n, max: 2n }),
      leaseMs: leasesMs,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('exit' as const, 'finish' as const, 'finish' as const, 'fail' as const),
      id: ids,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('sleep' as const), ms: fc.integer({ min: 1, max: 300 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
);

/** The ledger with a disk made of its effects and a shadow that remembers what was promised. */
class World {
  now = 0;
  readonly disk = {
    epoch: 0n,
    longestLeaseMs: 0,
    cordon: 'open' as const,
    cordonNumber: 0,
    notes: new Map<string, StoredNote>(),
  };
  ledger = this.start();
  startedAt = 0;
  /** Lease ends by `owner incarnation`, and the highest incarnation by owner, since the last start. */
  leases = new Map<string, number>();
  newest = new Map<string, bigint>();
  /** Addresses with the time before which they must not be used. */
  readonly forbidden = new Map<string, number>();

  start(): Ledger {
    return new Ledger(
      {
        nodeId: 'n',
        incarnation: 1n,
        memoryMb,
        addresses,
        createTimeoutMs: 100,
        graceLeaseMs,
        wipeableKinds: new Set(['k']),
      },
      this.disk,
      this.now,
    );
  }

  store(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.store === 'epoch') this.disk.epoch = effect.epoch;
      else if (effect.store === 'longest-lease') this.disk.longestLeaseMs = effect.leaseMs;
      else if (effect.store === 'note') this.disk.notes.set(effect.note.id, effect.note);
      else if (effect.store === 'no-note') this.disk.notes.delete(effect.id);
    }
  }

  obeyed<T>(verdict: Verdict<T>): T | undefined {
    this.store(verdict.effects);
    return 'value' in verdict ? (verdict.value ?? (true as T)) : undefined;
  }

  leaseLives(note: Note): boolean {
    const incarnation = BigInt(note.incarnation);
    if ((this.newest.get(note.owner) ?? 0n) > incarnation) return false;
    return this.now < (this.leases.get(`${note.owner} ${incarnation}`) ?? -1);
  }

  run(given: Command): void {
    const { ledger } = this;
    const command = 'epoch' in given ? { ...given, epoch: this.epoch(given.epoch) } : given;
    switch (command.do) {
      case 'create': {
        const { epoch, id, memory, note } = command;
        const isHigher = epoch >= this.disk.epoch;
        const step = this.obeyed(
          ledger.create(
            epoch,
            { id, kind: 'k', memoryMb: memory, concurrency: 1, ...(note ? { note } : {}) },
            this.now,
          ),
        );
        if (!step) return;
        expect(isHigher).toBe(true);
        if (step.step === 'start') {
          expect(this.now).toBeGreaterThanOrEqual(this.forbidden.get(step.address) ?? 0);
          this.forbidden.delete(step.address);
          if (note) this.supersede(note);
        }
        return;
      }
      case 'bind': {
        const before = ledger.get(command.id)?.note;
        const isHigher = command.epoch >= this.disk.epoch;
        const { note, wipe } = command;
        const step = this.obeyed(ledger.bind(command.epoch, command.id, { note, wipe }, this.now));
        if (!step) {
          expect(ledger.get(command.id)?.note).toEqual(before);
          return;
        }
        expect(isHigher).toBe(true);
        expect(compareGrantIds(command.note.grantId, before?.grantId)).toBeGreaterThanOrEqual(0);
        // What it ran before is still in it.
        if (step !== 'bound') expect(ledger.get(command.id)?.note).toEqual(before);
        if (step === 'wipe') expect(wipe).toBe(true);
        this.supersede(command.note);
        return;
      }
      case 'remove': {
        const { epoch, id, truly, reason } = command;
        const before = ledger.get(id);
        const note = before?.note;
        const state = before?.state;
        const grantId = truly ? note?.grantId : command.grantId;
        const isHigher = epoch >= this.disk.epoch;
        const step = this.obeyed(ledger.remove(epoch, id, { reason, ...(grantId ? { grantId } : {}) }, this.now));
        if (!step) {
          expect(ledger.get(id)?.state).toBe(state);
          return;
        }
        expect(isHigher).toBe(true);
        if (before) expect(grantId).toBe(note?.grantId);
        if (note && reason === 'orphan') expect(this.leaseLives(note)).toBe(false);
        return;
      }
      case 'renew': {
        const { owner, incarnation, leaseMs } = command;
        if (!this.obeyed(ledger.renew(owner, incarnation, leaseMs, this.now))) return;
        expect(incarnation).toBeGreaterThanOrEqual(this.newest.get(owner) ?? 0n);
        this.newest.set(owner, incarnation);
        const key = `${owner} ${incarnation}`;
        this.leases.set(key, Math.max(this.leases.get(key) ?? 0, this.now + leaseMs));
        return;
      }
      case 'end': {
        this.obeyed(ledger.endLease(command.owner, command.incarnation, this.now));
        this.leases.delete(`${command.owner} ${command.incarnation}`);
        // That a higher incarnation was reaped says that it existed: it superseded the lower ones.
        if (command.incarnation > (this.newest.get(command.owner) ?? 0n))
          this.newest.set(command.owner, command.incarnation);
        return;
      }
      case 'exit':
        ledger.exited(command.id, 'x');
        return;
      case 'finish':
        return this.finish(command.id);
      case 'fail':
        if (ledger.get(command.id)?.state === 'creating') {
          this.store(ledger.creationFailed(command.id, this.now));
          this.namespaces.delete(command.id);
        } else if (ledger.get(command.id)?.wiping) ledger.wipeFailed(command.id, 'x');
        return;
      case 'sleep':
        this.now += command.ms;
        this.store(ledger.tick(this.now));
        return;
      case 'restart':
        return this.restart();
    }
  }

  epoch(offset: bigint): bigint {
    const epoch = this.disk.epoch + offset;
    return epoch < 0n ? 0n : epoch;
  }

  /** The driver finishes what is in progress for this container. */
  finish(id: string): void {
    const record = this.ledger.get(id);
    if (record?.state === 'creating') this.ledger.created(id, { container: record.address });
    if (record?.wiping) {
      const { note, wiping } = record;
      this.store(this.ledger.wiped(id, { container: record.address }));
      expect([note, wiping]).toContainEqual(this.ledger.get(id)?.note);
      expect(this.ledger.get(id)?.wiping).toBeUndefined();
    }
    if (record?.state !== 'removing') return;
    const { address, ownersWord } = record;
    this.store(this.ledger.removed(id, this.now));
    this.namespaces.delete(id);
    if (!ownersWord) this.forbidden.set(address, this.now + 2 * this.disk.longestLeaseMs);
  }

  /** No container survives, as with the process driver. */
  restart(): void {
    this.ledger = this.start();
    this.leases.clear();
    this.newest.clear();
    this.forbidden.clear();
    this.namespaces.clear();
    for (const note of this.disk.notes.values()) {
      this.ledger.lost(note.id, note.address, this.now);
      this.forbidden.set(note.address, this.now + 2 * this.disk.longestLeaseMs);
    }
  }

  supersede({ owner, incarnation }: Note): void {
    if (BigInt(incarnation) > (this.newest.get(owner) ?? 0n)) this.newest.set(owner, BigInt(incarnation));
  }

  /** Of what has run in it, as far as its notes say. */
  private readonly namespaces = new Map<string, string>();

  private oneNamespace(id: string, note: Note | undefined): void {
    const name = note && `${note.namespace} ${note.actionKey.split('/')[0]}`;
    const before = this.namespaces.get(id);
    if (before !== undefined && name !== undefined) expect(name).toBe(before);
    if (name !== undefined) this.namespaces.set(id, name);
  }

  check(): void {
    const records = [...this.ledger.records()];
    const used = records.reduce((sum, { memoryMb: mb }) => sum + mb, 0);
    expect(used).toBe(this.ledger.memoryUsedMb);
    expect(used).toBeLessThanOrEqual(memoryMb);
    expect(new Set(records.map(({ address }) => address)).size).toBe(records.length);
    const { free, taken, quarantined } = this.ledger.addressCounts();
    expect(free + taken + quarantined).toBe(addresses.length);
    expect(taken).toBe(records.length);
    expect(this.disk.epoch).toBe(this.ledger.epoch);
    for (const { id, note, address } of records) {
      expect(this.disk.notes.get(id)).toMatchObject({ address, note: note ?? 'never bound' });
      this.oneNamespace(id, note);
    }
  }
}

it('keeps its promises whatever the order of commands', () => {
  fc.assert(
    fc.property(fc.array(commands, { minLength: 1, maxLength: 150, size: 'max' }), (list) => {
      const world = new World();
      for (const command of list) {
        world.run(command);
        world.check();
      }
    }),
    { numRuns: 200 },
  );
});
