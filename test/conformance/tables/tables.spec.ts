// Table by table of OpenWhisk's contract, on SQLite. On PostgreSQL: test/postgres/tables.spec.ts.
import { describeTables } from './describe-tables';

describeTables('sqlite');
