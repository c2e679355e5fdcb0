// How caches of controllers learn of what others have written: the message, its channel, and a file for those who share a directory.
export * from './identities-mark';
export * from './stale';
