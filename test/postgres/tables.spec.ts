// Table by table of OpenWhisk's contract, the same rows on PostgreSQL.
import { describeTables } from '../conformance/tables/describe-tables';

describeTables('postgres');
