// Drives any OpenWhisk API host with a planned workload: connections, schedule, call-backs, answers that are checked.
export { hostUrl, readApiHost } from './api-host';
export type { CallBackAddress } from './call-backs';
export { ApiClient } from './api-client';
export { ConnectionPool, type PooledRequest } from './connection-pool';
export { DriverFailure } from './driver-failure';
export type { AnswerHandler, Endpoint, NoAnswer } from './http-connection';
export { PlainLoad, type PlainLoadOptions } from './plain-load';
export type { PlainResult, PlainWindow } from './plain-record';
export { Pacer, type Timed } from './pacer';
export { type DriverOptions, type Phase, PlanRun, type Progress } from './run-plan';
