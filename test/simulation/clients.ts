// Clients: they invoke as planned, whether or not what they asked for before was answered.
import type { PlannedRequest } from './plan';
import type { World } from './world';

export class Clients {
  constructor(
    private readonly world: World,
    private readonly requests: readonly PlannedRequest[],
  ) {}

  start(): void {
    for (const request of this.requests) this.world.queue.at(request.atMs, () => this.ask(request));
  }

  private ask({ controller: at, action: which, takesMs, isBlocking, waitsMs }: PlannedRequest): void {
    const controller = this.world.controllers[at]!;
    const action = this.world.actions[which]!;
    // A stopped process takes connections; what it makes of them comes when it goes on. Nobody listens at a dead one.
    controller.run(controller.life, 'message', () => {
      if (isBlocking) controller.invoke(action, takesMs, waitsMs);
      else controller.accept(action, takesMs);
    });
  }
}
