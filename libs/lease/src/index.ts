// Who leads: the lock seam, its local and its Redis implementation, the pure leadership machine and what runs it.
export * from './elector';
export * from './epoch-file';
export * from './exclusive-lock';
export * from './leader-lock';
export * from './leadership';
export * from './local-leader-lock';
export * from './redis-connection';
export * from './redis-leader-lock';
