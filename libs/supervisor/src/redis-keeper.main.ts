// The process that keeps the private Redis of `hearth cluster`: an app like the others for the supervisor, with redis-server as its child.
import { runApp } from '#lifecycle';
import { createLogger } from '#telemetry';
import { readKeeperSettings, startRedis } from './redis-keeper';

const logger = createLogger('redis');
void runApp('redis', logger, () => startRedis(readKeeperSettings(process.env), logger));
