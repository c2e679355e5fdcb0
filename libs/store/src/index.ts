// The stores: seams for entities, subjects, activations, the durable queue, logs and incarnations.
export * from './activation-store';
export * from './artifact-store';
export * from './errors';
export * from './incarnations';
export * from './invocation-queue';
export * from './log-store';
export * from './open-stores';
export { openPostgresStores, type PostgresStoresOptions } from './postgres/open-postgres-stores';
export * from './retention';
export * from './stores';
export { openSqliteStores, type SqliteStoresOptions } from './sqlite/open-sqlite-stores';
export * from './subject-store';
export * from './trigger-fires';
