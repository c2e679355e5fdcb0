// SQLite passes every conformance suite, through its worker threads.
import { describeEveryStore } from '../conformance/every-store.conformance';
import { sqliteUnderTest } from './sqlite-under-test';

describe('SQLite', () => describeEveryStore(() => sqliteUnderTest()));
