// Which driver makes this node's containers: the one that was asked for, or with `auto` the best that works here, which is said with the reasons
// why the better ones do not.
import type { Logger } from '#telemetry';
import type { ContainerDriver } from './container-driver';

/** The best first: runc needs no engine, docker isolates as well, process not at all. */
export const driverNames = ['runc', 'docker', 'process'] as const;
export type DriverName = (typeof driverNames)[number];

/** Rejects, with a sentence that says why, where it does not work; nothing of it is left then. */
export type OpenDriver = () => Promise<ContainerDriver>;

export async function chooseDriver(
  wanted: DriverName | 'auto',
  open: Readonly<Record<DriverName, OpenDriver>>,
  logger: Logger,
): Promise<ContainerDriver> {
  if (wanted !== 'auto') {
    try {
      return await open[wanted]();
    } catch (error) {
      throw new Error(`CONTAINER_DRIVER=${wanted} does not work here: ${messageOf(error)}.`, { cause: error });
    }
  }
  const reasons: string[] = [];
  for (const name of driverNames) {
    try {
      const driver = await open[name]();
      const why = reasons.length > 0 ? `, since ${reasons.join('; ')}` : '';
      // Whoever asked for the best should learn when it isolates nothing.
      logger[name === 'process' ? 'warn' : 'info'](`CONTAINER_DRIVER=auto: ${name} makes the containers${why}`);
      return driver;
    } catch (error) {
      reasons.push(`${name}: ${messageOf(error)}`);
    }
  }
  throw new Error(`CONTAINER_DRIVER=auto: no driver works here (${reasons.join('; ')}).`);
}

const messageOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
