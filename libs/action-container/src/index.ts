// Talking to an action's container: the /init and /run contract from the caller's side.
export * from './container-connection';
export * from './request-bodies';
