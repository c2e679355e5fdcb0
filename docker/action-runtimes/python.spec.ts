// What is peculiar to python:3: exceptions are results, the process may end itself, archives may bring a virtualenv.
import { join } from 'node:path';
import type { Zippable } from 'fflate';
import { bytes, sentinel, zip } from './contract';
import { type ActionContainer, type Answer, processStarter } from './runtime-process';

const start = processStarter('python3', [join(__dirname, 'python/server.py')]);
let container: ActionContainer;

async function ran(code: string | Zippable, args: unknown = {}, main = 'main'): Promise<Answer> {
  const isText = typeof code === 'string';
  const answer = await container.init({ code: isText ? code : zip(code), binary: !isText, main });
  expect(answer.text).toBe('{"ok":true}');
  return container.run(args);
}

describe('python:3', () => {
  beforeEach(async () => void (container = await start()));
  afterEach(() => container.stop());

  it.each([
    ['an exception is an application error', 'def main(args):\n  raise Exception("bad")', 200, { error: 'bad' }],
    ['a KeyError says its key', 'def main(args):\n  return args["nope"]', 200, { error: "'nope'" }],
    ['an error key', 'def main(args):\n  return {"error": "x", "other": 1}', 200, { error: 'x', other: 1 }],
    ['None', 'def main(args):\n  pass', 502, { error: 'The action did not return a dictionary or array.' }],
    ['a number', 'def main(args):\n  return 5', 502, { error: 'The action did not return a dictionary or array.' }],
    ['a tuple is an array', 'def main(args):\n  return (1, 2)', 200, [1, 2]],
    ['unicode', 'def main(args):\n  return {"t": "h\\u00e9\\u2603\\U0001F600"}', 200, { t: 'hé☃😀' }],
    ['a lone surrogate', 'def main(args):\n  return {"t": "\\ud800"}', 200, { t: '\ud800' }],
  ])('%s', async (_, code, status, json) => {
    const answer = await ran(code);
    expect([answer.status, answer.json]).toEqual([status, json]);
  });

  it('an exception leaves its traceback in the log, with the line', async () => {
    await ran('def main(args):\n  return args["nope"]');
    expect(container.stderr()).toMatch(/line 2, in main\n\s+return args\["nope"\]/);
    expect((await container.run({ nope: {} })).json).toEqual({});
  });

  it.each([
    ['sys.exit', 'import sys\ndef main(args):\n  print("last words")\n  sys.exit(7)', 7],
    ['a result that is no JSON', 'def main(args):\n  print("last words")\n  return {"a": object()}', 1],
  ])('%s is answered as ActionLoop does, and ends the process', async (_, code, exitCode) => {
    const answer = await ran(code);
    expect([answer.status, answer.json]).toEqual([400, { error: 'command exited' }]);
    expect(await container.exited).toBe(exitCode);
    expect(container.stdout()).toBe(`last words\n${sentinel}\n`);
  });

  it('sys.exit while the code is loaded is a failed /init', async () => {
    const answer = await container.init({ code: 'import sys\nsys.exit(0)' });
    expect([answer.status, answer.json]).toEqual([502, { error: 'Cannot start action. Check logs for details.' }]);
  });

  it('a second run waits for the first', async () => {
    await container.init({ code: 'import time\ndef main(args):\n  time.sleep(0.1)\n  return args' });
    const answers = await Promise.all([1, 2, 3].map((n) => container.run({ n })));
    expect(answers.map(({ json }) => json)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  });

  it("an archive's virtualenv is on the path", async () => {
    const files = {
      '__main__.py': bytes('import dep\ndef main(args):\n  return {"n": dep.n}'),
      'virtualenv/bin/activate_this.py': bytes('import os\nos.environ["ACTIVATED"] = "1"'),
      'virtualenv/lib/python3.11/site-packages/dep/__init__.py': bytes('import os\nn = os.environ["ACTIVATED"]'),
    };
    expect((await ran(files)).json).toEqual({ n: '1' });
  });

  it('modules of the action win over those of the runtime', async () => {
    const files = {
      '__main__.py': bytes(
        'import runtime, environment, server\ndef main(args):\n  return {"r": runtime.n, "e": environment.n, "s": server.n}',
      ),
      'runtime.py': bytes('n = 1'),
      'environment.py': bytes('n = 2'),
      'server.py': bytes('n = 3'),
    };
    expect((await ran(files)).json).toEqual({ r: 1, e: 2, s: 3 });
  });

  it('`if __name__ == "__main__"` does not run', async () => {
    expect((await ran('n = 0\nif __name__ == "__main__":\n  n = 1\ndef main(args):\n  return {"n": n}')).json).toEqual({
      n: 0,
    });
  });

  it('asyncio and multiprocessing work', async () => {
    const answer = await ran(`import asyncio
from concurrent.futures import ProcessPoolExecutor
async def later():
  await asyncio.sleep(0.01)
  return 1
def main(args):
  with ProcessPoolExecutor(1) as pool:
    return {"a": asyncio.run(later()), "p": pool.submit(abs, -2).result()}`);
    expect(answer.json).toEqual({ a: 1, p: 2 });
  });
});

describe('python:3 with a memory limit', () => {
  it('cannot allocate far beyond it, and is ended when it tries', async () => {
    container = await start({ __HEARTH_MEMORY_MB: '128' });
    try {
      await container.init({
        code: 'def main(args):\n  data = bytearray(args["mb"] * 1024 * 1024)\n  return {"size": len(data)}',
      });
      expect((await container.run({ mb: 100 })).json).toEqual({ size: 104857600 });
      await expect(container.run({ mb: 1000 })).rejects.toThrow(/hang up|ECONNRESET/);
      expect(await container.exited).toBe(137);
    } finally {
      await container.stop();
    }
  });
});
