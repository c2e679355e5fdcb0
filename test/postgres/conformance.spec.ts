// The answers of a real OpenWhisk, replayed on PostgreSQL: the same suite, told by its environment where the platform is to store.
import '../conformance/conformance.spec';

// Read when the platform is started.
process.env.HEARTH_TEST_STORE = 'postgres';
