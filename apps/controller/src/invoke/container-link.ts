// The kept connections to one container: at most as many as it takes runs at once.
import { ContainerConnection } from '#action-container';

export class ContainerLink {
  private readonly idle: ContainerConnection[] = [];
  private readonly all = new Set<ContainerConnection>();
  /** The activation whose failure ended the container; its agent collects its logs before the removal. */
  failedActivation: string | undefined;

  constructor(
    private readonly address: string,
    private readonly bodyBytesMax: number,
  ) {}

  take(): ContainerConnection {
    const kept = this.idle.pop();
    if (kept) return kept;
    const connection = new ContainerConnection(this.address, this.bodyBytesMax);
    this.all.add(connection);
    return connection;
  }

  give(connection: ContainerConnection): void {
    if (this.all.has(connection)) this.idle.push(connection);
  }

  /** Runs under way fail as lost, unless `idleOnly`. */
  close(idleOnly: boolean): void {
    for (const connection of this.all) {
      if (idleOnly && connection.isBusy) continue;
      connection.close();
      this.all.delete(connection);
    }
    this.idle.length = 0;
  }
}
