// The kept connections to one container: at most as many as it takes runs at once.
import { ContainerConnection, type Tunnel } from '#action-container';

export class ContainerLink {
  private readonly idle: ContainerConnection[] = [];
  private isRetired = false;
  /** The activation whose failure ended the container; its agent collects its logs before the removal. */
  failedActivation: string | undefined;

  constructor(
    private readonly address: string,
    private readonly bodyBytesMax: number,
    private readonly tunnel?: Tunnel,
  ) {}

  take(): ContainerConnection {
    return this.idle.pop() ?? new ContainerConnection(this.address, this.bodyBytesMax, this.tunnel);
  }

  give(connection: ContainerConnection): void {
    if (this.isRetired) connection.close();
    else this.idle.push(connection);
  }

  closeIdle(): void {
    for (const connection of this.idle.splice(0)) connection.close();
  }

  /** The container is no longer ours: idle connections are closed now, the others when their runs end. */
  retire(): void {
    this.isRetired = true;
    this.closeIdle();
  }
}
