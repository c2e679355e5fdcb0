// Clients: they invoke at random, whether or not what they asked for before was answered.
import type { World } from './world';

export class Clients {
  private isOver = false;
  private readonly paceMs: number;

  constructor(private readonly world: World) {
    this.paceMs = world.chance.skewed(25, 400);
  }

  start(): void {
    const { queue, chance } = this.world;
    queue.after(chance.between(0, 2) * this.paceMs, () => {
      if (this.isOver) return;
      this.invoke();
      this.start();
    });
  }

  stop(): void {
    this.isOver = true;
  }

  private invoke(): void {
    const { chance, controllers, actions } = this.world;
    const controller = chance.pick(controllers);
    const action = chance.pick(actions);
    const count = chance.of(0.05) ? 1 + chance.below(10) : 1;
    const takesMs = chance.skewed(1, action.durationMs * 2);
    // A stopped process takes connections; what it makes of them comes when it goes on. Nobody listens at a dead one.
    for (let at = 0; at < count; at += 1) {
      controller.run(controller.life, 'message', () => controller.invoke(action, takesMs));
    }
  }
}
