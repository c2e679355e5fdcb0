// Generates libs/protocol/src/generated from proto/ with ts-proto. Generated code is not committed.
// Guarantees: 64-bit fields are bigint, so epochs are exact. Runs protoc from the npm package; needs no network.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export function generateProtocol() {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..');
  const out = join(root, 'libs/protocol/src/generated');
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const options =
    'outputServices=grpc-js,env=node,esModuleInterop=true,forceLong=bigint,oneof=unions-value,useOptionals=messages';
  execFileSync(
    join(root, 'node_modules/.bin/protoc'),
    [
      `--plugin=protoc-gen-ts_proto=${join(root, 'node_modules/.bin/protoc-gen-ts_proto')}`,
      `--ts_proto_out=${out}`,
      `--ts_proto_opt=${options}`,
      `--proto_path=${join(root, 'proto')}`,
      ...readdirSync(join(root, 'proto')).filter((name) => name.endsWith('.proto')),
    ],
    { cwd: root, stdio: 'inherit' },
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) generateProtocol();
