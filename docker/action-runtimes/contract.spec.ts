// Our runtimes against OpenWhisk's contract, as child processes.
import { join } from 'node:path';
import { describeProcessContract } from './contract';
import { nodejs, python } from './dialects';
import { processStarter } from './runtime-process';
import { describeTransport } from './transport';

const starters = [
  {
    ...nodejs,
    start: processStarter(process.execPath, ['--max-old-space-size=256', join(__dirname, 'nodejs/server.js')]),
  },
  { ...python, start: processStarter('python3', [join(__dirname, 'python/server.py')]) },
];

for (const dialect of starters) {
  describeProcessContract(dialect);
  describeTransport(dialect);
}
