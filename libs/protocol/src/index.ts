// How the apps talk: generated gRPC messages, the agent's REST shapes, and the version that peers compare.
export * as shareStates from './generated/share_states';
export * as heartbeat from './generated/heartbeat';
export * as admin from './generated/admin';
export * from './agent-api';
export * from './bearer';
export * from './epoch';
export * from './grant-id';
export * from './leader-hint';
export * from './leader-search';
export * from './protocol-version';
export * from './unusable';
