// A bench as its own process with a temporary directory of its own, for the specs beside this file.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../support/platform';
import { processesUsing } from '../support/processes';
import { until } from '../support/until';

export interface Bench {
  readonly child: ChildProcess;
  readonly printed: () => string;
  readonly ended: Promise<number | null>;
}

export class BenchDirectory {
  private path = '';

  /** To be called in a describe: makes one for each test, and expects it to be left empty. */
  constructor() {
    beforeEach(() => void (this.path = mkdtempSync(join(tmpdir(), 'bench-spec-'))));
    afterEach(async () => {
      await until('nothing of the bench runs', () => this.processes().length === 0, 20_000);
      expect(readdirSync(this.path).filter((name) => name.startsWith('hearth-bench-'))).toEqual([]);
      rmSync(this.path, { recursive: true, force: true });
    });
  }

  file(name: string): string {
    return join(this.path, name);
  }

  processes(): unknown[] {
    return processesUsing(this.path);
  }

  /** `tool` is a file of tools/. */
  start(tool: string, words: readonly string[]): Bench {
    const child = spawn(process.execPath, [join(root, 'tools', tool), ...words], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: this.path },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, printed: () => text, ended };
  }

  async run(tool: string, words: readonly string[]): Promise<{ code: number | null; printed: string }> {
    const { ended, printed } = this.start(tool, words);
    return { code: await ended, printed: printed() };
  }
}
