// `hearth migrate`: brings the database to the schema of this version and ends, so that it is done before the apps of a new version start. They do
// the same by themselves; that several do it at once is no harm.
//
// Guarantees: whatever goes wrong is one sentence on stderr and a non-zero exit code, without the password of DATABASE_URL.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { prepare } from './start.mjs';

const say = (line) => process.stderr.write(`hearth: ${line}\n`);

export async function migrate(root) {
  if (!(await prepare(root))) return;
  const load = createRequire(import.meta.url);
  try {
    const { databaseUrl, readSettings } = load(join(root, 'dist/libs/config/src'));
    const { openStores } = load(join(root, 'dist/libs/store/src'));
    const { DATABASE_URL, limits } = readSettings({ DATABASE_URL: databaseUrl.optional() });
    const dataDirectory = process.env.HEARTH_DATA_DIR || join(root, '.hearth');
    const stores = await openStores({ databaseUrl: DATABASE_URL, dataDirectory, limits, say });
    await stores.close();
    const place = DATABASE_URL === undefined ? join(dataDirectory, 'hearth.db') : 'of DATABASE_URL';
    process.stdout.write(`The database ${place} has the schema of this version.\n`);
  } catch (error) {
    say(error.message);
    process.exitCode = 1;
  }
}
