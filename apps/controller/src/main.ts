// The controller's process.
import { runApp } from '#lifecycle';
import { createLogger } from '#telemetry';
import { readControllerSettings } from './config';
import { startController } from './controller';

const logger = createLogger('controller');
void runApp('controller', logger, () => startController(readControllerSettings(), logger));
