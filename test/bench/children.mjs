// The processes that a bench starts, and its directory.
//
// Guarantees: `end` stops them all, the last started first, waits for each, kills what does not end in time, and removes the directory, whatever
// happened before; a child that ends before it listened is an error with what it printed.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, closeSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const stopMs = 20_000;
const listenMs = 15_000;

export class Children {
  #children = [];
  #names = 0;
  #isEnding = false;

  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), 'hearth-bench-'));
  }

  /** Starts a program with its output in files; its standard input stays open until `end`. */
  start(command, args, { env = {}, cwd = this.makeDirectory('cwd') } = {}) {
    if (this.#isEnding) throw new Error('the bench is ending; nothing is started any more');
    const log = join(this.makeDirectory('log'), 'output');
    const [stdout, stderr] = [openSync(`${log}.out`, 'a'), openSync(`${log}.err`, 'a')];
    const child = spawn(command, args, {
      cwd,
      // A session of its own: Ctrl-C reaches the bench alone, which ends the others in order.
      detached: true,
      stdio: ['pipe', stdout, stderr],
      env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: tmpdir(), ...env },
    });
    closeSync(stdout);
    closeSync(stderr);
    child.stdin.on('error', () => undefined); // it ended before its input did
    const printed = () => readFileSync(`${log}.out`, 'utf8') + readFileSync(`${log}.err`, 'utf8');
    const ended = new Promise((resolve) => {
      child.once('exit', resolve);
      child.once('error', resolve);
    });
    const entry = { child, ended, printed, isOver: false };
    void ended.then(() => (entry.isOver = true));
    this.#children.push(entry);
    return entry;
  }

  /** Waits until something of this child accepts connections at the port. */
  async listening(entry, port, what) {
    const until = performance.now() + listenMs;
    while (!(await accepts(port))) {
      if (entry.isOver) throw new Error(`${what} ended before it listened. It printed:\n${entry.printed()}`);
      if (performance.now() > until) throw new Error(`${what} did not listen on port ${port} within ${listenMs} ms.`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  makeDirectory(name) {
    const directory = join(this.directory, `${name}-${(this.#names += 1)}`);
    mkdirSync(directory);
    return directory;
  }

  /** How many were started. */
  get count() {
    return this.#children.length;
  }

  /** Ends `count` of them, from this one on in the order in which they were started. */
  async endFrom(first, count) {
    await Promise.all(this.#children.slice(first, first + count).map(stop));
  }

  async end() {
    this.#isEnding = true;
    for (const entry of this.#children.reverse()) await stop(entry);
    this.#children = [];
    rmSync(this.directory, { recursive: true, force: true });
  }
}

async function stop({ child, ended, isOver }) {
  if (isOver) return;
  child.kill('SIGTERM');
  const overdue = setTimeout(() => child.kill('SIGKILL'), stopMs);
  await ended;
  clearTimeout(overdue);
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}

/** Free at this moment; several at a time differ. */
export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', () => resolve(server));
      });
    }),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** What `act` answers, with everything ended afterwards; fails with the signal that stopped it, or when nobody reads on (as with `| head`). */
export async function withChildren(act) {
  const children = new Children();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  let interrupt;
  let unread;
  const interrupted = new Promise((_, reject) => {
    interrupt = (signal) => reject(Object.assign(new Error(`stopped by ${signal}`), { signal }));
    unread = reject;
  });
  for (const signal of signals) process.once(signal, interrupt);
  process.stdout.on('error', unread);
  try {
    return await Promise.race([act(children), interrupted]);
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
    await children.end();
  }
}
