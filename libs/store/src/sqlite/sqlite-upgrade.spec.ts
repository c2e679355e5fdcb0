// SQLite files of older schemas.
import { systemClock } from '#clock';
import { describeUpgrade } from '../conformance/upgrade.conformance';
import { sqliteInMemory } from '../sql/database-under-test';

describe('SQLite', () => describeUpgrade(() => Promise.resolve(sqliteInMemory(systemClock))));
