// Writes workloads/workload.schema.json, the JSON schema of workload files, from the code (as built). A test compares the two.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { build } from './build.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
build();
const { workloadJsonSchema } = createRequire(import.meta.url)(join(root, 'dist/libs/workload/src/index.js'));
const path = join(root, 'workloads/workload.schema.json');
const options = (await resolveConfig(path)) ?? {};
writeFileSync(path, await format(JSON.stringify(workloadJsonSchema()), { ...options, parser: 'json' }));
