// OpenWhisk's nouns: names, identities, actions, limits, activation records, and every sentence that users read.
export * from './action';
export * from './action-key';
export * from './activation';
export * from './identity';
export * from './messages';
export * from './names';
export * from './rejection';
export * from './rejections';
