// Starts a scheduler in this process.
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { App } from '#lifecycle';
import type { Logger } from '#telemetry';
import type { SchedulerConfig } from './config';
import { SchedulerLife, SchedulerModule } from './scheduler.module';

export interface RunningScheduler extends App {
  readonly addresses: { readonly listen: string; readonly admin: string };
}

/** `onReady` is called once, when it leads, listens, and at least one node takes creations. */
export async function startScheduler(
  config: SchedulerConfig,
  logger: Logger,
  onReady: () => void,
): Promise<RunningScheduler> {
  const app = await NestFactory.createApplicationContext(SchedulerModule.with(config, logger), { logger: false });
  const life = app.get(SchedulerLife);
  try {
    await life.start(onReady);
  } catch (error) {
    await app.close();
    throw error;
  }
  return { addresses: life.addresses, stop: () => app.close() };
}
