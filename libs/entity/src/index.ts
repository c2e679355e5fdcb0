// OpenWhisk's nouns: names, identities, actions, limits, activation records, and every sentence that users read.
export * from './action';
export * from './action-key';
export * from './identity';
export * from './rejection';
