// OpenWhisk's nouns: names, identities, actions, limits, activation records, and every sentence that users read.
export * from './action';
export * from './action-document';
export * from './action-key';
export * from './activation';
export * from './annotations';
export * from './identity';
export * from './json';
export * from './messages';
export * from './names';
export * from './parameters';
export * from './rejection';
export * from './rejections';
