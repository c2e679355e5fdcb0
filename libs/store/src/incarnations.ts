// Incarnations: one life of a process, numbered by a counter in the store that grows with every start.

export interface Incarnations {
  /** Increments the counter of this process id (e.g. `controller/controller0`) and answers the new value, from 1. Durable when it resolves. */
  next(processId: string): Promise<bigint>;
}
