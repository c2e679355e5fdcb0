// What SQLite refuses for good.
import { join } from 'node:path';
import { openSqliteStores } from '#store';
import { describeRefusedRecords } from './refused-records.conformance';

describe('SQLite', () =>
  describeRefusedRecords((directory) => openSqliteStores({ path: join(directory, 'hearth.db') })));
