import { describeDamage } from '../e2e/damage';

// Read when the platform is started.
process.env.HEARTH_TEST_STORE = 'postgres';

describeDamage('PostgreSQL');
