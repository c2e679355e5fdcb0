// A real controller as a child process, for tests that play everything around it.
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { guestKey, root } from '../support/platform';
import { until } from '../support/until';

export class ControllerProcess {
  readonly apiKey = guestKey;
  private text = '';
  private isReady = false;

  private constructor(
    readonly id: string,
    /** http://host:port */
    readonly apiHost: string,
    private readonly child: ChildProcess,
    private readonly ended: Promise<number | string>,
  ) {}

  static async start(id: string, settings: Record<string, string>): Promise<ControllerProcess> {
    const listen = `127.0.0.1:${await freePort()}`;
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(process.execPath, [join(root, 'dist/apps/controller/src/main.js')], {
      env: {
        ...{ PATH, HOME, LOG_LEVEL: 'warn', KINDS: 'nodejs:20', CONTROLLER_ID: id, API_LISTEN: listen },
        ...{ DEVELOPMENT_SUBJECTS: 'true', METRICS: 'true', INTERNAL_LISTEN: '127.0.0.1:0' },
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const ended = new Promise<number | string>((resolve) =>
      child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown')),
    );
    const controller = new ControllerProcess(id, `http://${listen}`, child, ended);
    for (const stream of [child.stdout!, child.stderr!])
      stream.on('data', (chunk: Buffer) => (controller.text += chunk.toString()));
    child.on('message', (message: { type: string }) => (controller.isReady ||= message.type === 'ready'));
    await until(`${id} is ready`, () => {
      if (child.exitCode !== null) throw new Error(`${id} ended (${child.exitCode}):\n${controller.text}`);
      return controller.isReady;
    });
    return controller;
  }

  /** What it logged. */
  get output(): string {
    return this.text;
  }

  /** Calls with the exit code, or the signal that ended it. */
  whenEnded(tell: (how: number | string) => void): void {
    void this.ended.then(tell);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Answers the exit code, or the signal that ended it. */
  end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    this.child.kill(signal);
    return this.ended;
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
