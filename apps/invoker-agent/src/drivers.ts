// How each driver is opened with this agent's settings.
import { join } from 'node:path';
import { systemClock as clock } from '#clock';
import type { Logger } from '#telemetry';
import type { DriverName, OpenDriver } from './choose-driver';
import type { AgentConfig } from './config';
import { openDocker } from './docker/open-docker';
import { findFreezer } from './freezer/find-freezer';
import { dieWithParent, findLaunchers, yieldOnWaking } from './process/launchers';
import { ProcessDriver } from './process/process-driver';
import { openRunc } from './runc/open-runc';

export function driversOf(config: AgentConfig, logger: Logger): Record<DriverName, OpenDriver> {
  return {
    runc: () => {
      const { docker, apiHost, dataDirectory, nodeDirectory, limits } = config;
      const { images, socketPath: dockerSocket, subnet, egress, allow, reach } = docker;
      if (reach === 'published')
        return Promise.reject(new Error('runc publishes no ports; set CONTAINER_REACH to container or proxy'));
      const network = { subnet, egress, allow, apiHost };
      return openRunc({
        images,
        dockerSocket,
        ...network,
        dataDirectory,
        nodeDirectory,
        limits,
        clock,
        logger,
      });
    },
    docker: () => {
      const { docker, apiHost, nodeDirectory, nodeId, limits } = config;
      return openDocker({ ...docker, apiHost, nodeDirectory, nodeId, limits, logger, findFreezer });
    },
    process: async () => {
      const [launchers, ...prefixes] = await Promise.all([
        findLaunchers(config.runtimesDirectory),
        dieWithParent(),
        yieldOnWaking(),
      ]);
      return new ProcessDriver({
        containersDirectory: join(config.nodeDirectory, 'containers'),
        kinds: config.kinds,
        launchers,
        addresses: config.containerAddresses,
        prefix: prefixes.flat(),
        path: config.path,
        apiHost: config.apiHost,
        logger,
      });
    },
  };
}
