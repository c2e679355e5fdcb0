// Named scenarios of the design, scripted in the simulated cluster. What must never happen is checked after every step by promises.ts; here
// each case is brought about, at many moments, and what must happen is asserted.
import type { Note } from '#protocol';
import type { Controller } from './controller';
import type { Action, Invocation } from './invocation';
import type { Scheduler } from './scheduler';
import { becomeQuiet } from './simulation';
import { World } from './world';

function quietWorld(seed: number, stemCellCount = 0): World {
  const world = new World({ seed, stemCellCount });
  for (const agent of world.agents) agent.slowShare = 0;
  world.start();
  becomeQuiet(world, 10_000);
  return world;
}

function actionOf(world: World, name: string): Action {
  return world.actions.find(({ key }) => key.endsWith(`${name}|1`))!;
}

function waitFor(world: World, what: string, isThere: () => boolean, withinMs = 20_000): void {
  const until = world.queue.now + withinMs;
  while (!isThere()) {
    if (world.queue.now > until) throw new Error(`waited ${withinMs} ms for ${what}\n${world.transcript.tail(60)}`);
    world.step();
  }
}

function run(world: World, controller: Controller, action: Action, takesMs = 5): Invocation {
  const invocation = controller.invoke(action, takesMs);
  waitFor(world, `the end of ${invocation.activation}`, () => invocation.ended !== undefined);
  return invocation;
}

function notes(world: World): Map<string, Note> {
  const all = new Map<string, Note>();
  for (const { machine } of world.agents) {
    for (const { id, note } of machine.disk.notes.values()) if (typeof note === 'object') all.set(id, note);
  }
  return all;
}

function otherThan(world: World, leader: Scheduler): Scheduler {
  return world.schedulers.find((scheduler) => scheduler !== leader)!;
}

const many = Array.from({ length: 30 }, (_, at) => at + 1);

describe('scenarios', () => {
  it("never gives a stem cell to another tenant that was granted to one's controller just before the leader died", () => {
    let undelivered = 0;
    for (const seed of many) {
      const world = quietWorld(seed, 1);
      const [first, second] = world.controllers as [Controller, Controller];
      const forAlice = first.invoke(actionOf(world, 'alice/quick'), 5);
      waitFor(world, 'the bind', () => notes(world).size > 0);
      const [[id, note]] = [...notes(world)] as [[string, Note]];
      expect(note.namespace).toBe('alice');
      world.runFor(seed % 2 === 0 ? 0 : 10 * world.chance.random());
      if (!first.path.balancer.warm.find(id)) undelivered += 1;
      world.leader!.kill();
      const forBob = [first, second].map((controller) => controller.invoke(actionOf(world, 'bob/quick'), 5));
      waitFor(world, 'all three', () => [forAlice, ...forBob].every(({ ended }) => ended !== undefined));
      for (const { ended } of [forAlice, ...forBob]) expect(ended).toMatch(/^ran|^kept elsewhere/);
      const now = notes(world).get(id);
      expect(now === undefined || now.namespace === 'alice').toBe(true);
    }
    expect(undelivered).toBeGreaterThan(many.length / 4);
  });

  it('changes nothing by a late create of an old leader', () => {
    let lateOnes = 0;
    for (const seed of many) {
      const world = quietWorld(seed);
      const [first] = world.controllers as [Controller];
      const invocation = first.invoke(actionOf(world, 'alice/quick'), 5);
      world.network.lateShare = 1;
      waitFor(world, 'a creation', () => (world.leader?.core?.view.containers.size ?? 0) > 0);
      const late = [...world.leader!.core!.view.containers.keys()];
      world.leader!.kill();
      world.network.lateShare = 0;
      waitFor(world, 'the end', () => invocation.ended !== undefined);
      expect(invocation.ended).toBe('ran');
      const before = world.promises.counts.staleCommands;
      world.runFor(8_000);
      if (world.promises.counts.staleCommands > 0 || before > 0) {
        lateOnes += 1;
        for (const { ledger, machine } of world.agents) {
          for (const id of late) expect([ledger.get(id), machine.containers.get(id)]).toEqual([undefined, undefined]);
        }
      }
    }
    expect(lateOnes).toBeGreaterThan(many.length / 4);
  });

  it('changes nothing by what a leader says that was stopped for longer than its lease', () => {
    for (const seed of many) {
      const world = quietWorld(seed);
      const [first] = world.controllers as [Controller];
      const old = world.leader!;
      const invocations = ['alice/quick', 'bob/quick', 'alice/large'].map((name) =>
        first.invoke(actionOf(world, name), 5),
      );
      world.runFor(seed * 8);
      old.pause();
      waitFor(world, 'the other leader', () => otherThan(world, old).holds);
      waitFor(world, 'all runs', () => invocations.every(({ ended }) => ended !== undefined));
      for (const { ended } of invocations) expect(ended).toBe('ran');
      const { epoch } = otherThan(world, old).core!;
      waitFor(world, 'the takeover', () => world.agents.every(({ ledger }) => ledger.epoch === epoch));
      const owned = (): string[] => [...first.path.balancer.warm.all()].map(({ container }) => container.id);
      const before = owned();
      old.resume();
      world.runFor(2_000);
      expect(old.holds).toBe(false);
      expect(owned()).toEqual(before);
      expect(otherThan(world, old).core!.epoch).toBe(epoch);
    }
  });

  it('leaves its containers to a controller that lost only the scheduler, for as long as it uses them', () => {
    const world = quietWorld(3);
    const [first] = world.controllers as [Controller];
    const action = actionOf(world, 'alice/quick');
    expect(run(world, first, action).ended).toBe('ran');
    const [proxy] = first.path.balancer.warm.all();
    for (const scheduler of world.schedulers) scheduler.kill();
    for (let at = 0; at < 120; at += 1) {
      const before = world.queue.now;
      expect(run(world, first, action).ended).toBe('ran');
      expect(world.queue.now - before).toBeLessThan(100);
      world.runFor(500);
    }
    expect([...first.path.balancer.warm.all()]).toEqual([proxy]);
    for (const scheduler of world.schedulers) scheduler.start();
    becomeQuiet(world);
    expect([...first.path.balancer.warm.all()]).toEqual([proxy]);
    expect(run(world, first, action).ended).toBe('ran');
  });

  it('keeps a controller that was stopped for a minute out of what is no longer its own', () => {
    for (const seed of many) {
      const world = quietWorld(seed);
      const [first, second] = world.controllers as [Controller, Controller];
      const action = actionOf(world, 'alice/quick');
      const before = first.invoke(action, 20);
      // Somewhere between its demand, its grant, its init, its run, its suspend and being idle.
      world.runFor(seed * 16);
      if (seed % 3 === 0) {
        // With the answer to a renewal waiting for it.
        first.onRenewal = () => first.pause();
        waitFor(world, 'a renewal', () => first.state === 'paused');
      } else first.pause();
      const owned = [...first.path.balancer.warm.all()].map(({ container }) => container.id);
      // Others use all there is, and the addresses again.
      for (let at = 0; at < 120; at += 1) {
        for (const name of ['bob/quick', 'alice/large']) {
          second.invoke(actionOf(world, name), 20);
          if (at % 24 === 0) first.run(first.life, 'message', () => first.invoke(action, 5));
        }
        world.runFor(500);
      }
      const kept = new Set(notes(world).keys());
      for (const id of owned) expect(kept.has(id)).toBe(false);
      first.resume();
      world.runFor(50);
      expect(run(world, first, action).ended).toMatch(/^ran|^kept elsewhere/);
      becomeQuiet(world);
      expect(before.ended).toBeDefined();
    }
  });
});
