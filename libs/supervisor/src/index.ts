// What `npm start` and `npm run cluster` run once everything is built: the apps on one machine, kept alive and stopped in order.
export { superviseCluster, superviseHearth } from './supervise-hearth';
export type { RunningRecord } from './running-record';
