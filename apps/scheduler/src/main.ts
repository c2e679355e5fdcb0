// The scheduler process.
import { collectEarly, earlyPercent, runApp, sayReady } from '#lifecycle';
import { createLogger } from '#telemetry';
import { readConfig } from './config';
import { startScheduler } from './start-scheduler';

const logger = createLogger('scheduler');
collectEarly(earlyPercent.scheduler);
void runApp('scheduler', logger, async () => {
  const scheduler = await startScheduler(readConfig(), logger, sayReady);
  logger.info(scheduler.addresses, `scheduler: listening on ${scheduler.addresses.listen}`);
  return scheduler;
});
