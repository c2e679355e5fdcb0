// The invoker agent process. Ready once it listens and a leading scheduler has heard of it.
import 'reflect-metadata';
import { collectEarly, earlyPercent, runApp, sayReady } from '#lifecycle';
import { createLogger } from '#telemetry';
import { readConfig } from './config';
import { startAgent } from './start-agent';

const logger = createLogger('agent');
collectEarly(earlyPercent.agent);
void runApp('invoker agent', logger, async () => {
  const agent = await startAgent(readConfig(), logger);
  logger.info(`invoker agent: listening on ${agent.url}`);
  void agent.accepted.then(() => sayReady());
  return agent;
});
