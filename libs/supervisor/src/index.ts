// What `npm start` runs once everything is built: three apps on one machine, kept alive and stopped in order.
export { superviseHearth } from './supervise-hearth';
export type { RunningRecord } from './running-record';
