#!/usr/bin/env node
// The command `hearth`. Plain JavaScript without dependencies, since it runs before anything is installed.
//
// Guarantees: a Node that is too old is one sentence and exit code 1, said before any file is loaded that such a Node could not parse.
import { nodeComplaint } from './node-version.mjs';

const complaint = nodeComplaint(process.versions.node);
if (complaint === undefined) {
  import('./command.mjs').then(({ runCommand }) => runCommand(process.argv.slice(2)));
} else {
  process.stderr.write(`hearth: ${complaint}\n`);
  process.exitCode = 1;
}
