// How each driver is opened with this agent's settings.
import { join } from 'node:path';
import type { Logger } from '#telemetry';
import type { DriverName, OpenDriver } from './choose-driver';
import type { AgentConfig } from './config';
import { openDocker } from './docker/open-docker';
import { findFreezer } from './freezer/find-freezer';
import { dieWithParent, findLaunchers } from './process/launchers';
import { ProcessDriver } from './process/process-driver';

export function driversOf(config: AgentConfig, logger: Logger): Record<DriverName, OpenDriver> {
  return {
    runc: () => Promise.reject(new Error('this version has no runc driver yet')),
    docker: () => {
      const { docker, apiHost, nodeDirectory, nodeId, limits } = config;
      return openDocker({ ...docker, apiHost, nodeDirectory, nodeId, limits, logger, findFreezer });
    },
    process: async () => {
      const [launchers, prefix] = await Promise.all([findLaunchers(config.runtimesDirectory), dieWithParent()]);
      return new ProcessDriver({
        containersDirectory: join(config.nodeDirectory, 'containers'),
        kinds: config.kinds,
        launchers,
        addresses: config.containerAddresses,
        dieWithParent: prefix,
        path: config.path,
        apiHost: config.apiHost,
        logger,
      });
    },
  };
}
