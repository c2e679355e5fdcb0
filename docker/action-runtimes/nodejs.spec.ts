// What is peculiar to nodejs:20: promises, exceptions, module kinds, concurrency; as recorded from OpenWhisk's own runtime.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../../test/support/until';
import { type Zippable, zipSync } from 'fflate';
import { bytes, errorOf, sentinel, zip } from './contract';
import { type ActionContainer, type Answer, processStarter } from './runtime-process';

const start = processStarter(process.execPath, [join(__dirname, 'nodejs/server.js')]);
let container: ActionContainer;

async function initialised(code: string | Zippable, main = 'main'): Promise<Answer> {
  const isText = typeof code === 'string';
  return container.init({ code: isText ? code : zip(code), binary: !isText, main });
}

async function ran(code: string | Zippable, args: unknown = {}, main = 'main'): Promise<Answer> {
  const answer = await initialised(code, main);
  expect(answer.text).toBe('{"OK":true}');
  return container.run(args);
}

describe('nodejs:20', () => {
  afterEach(() => container.stop());

  describe('results', () => {
    beforeEach(async () => void (container = await start()));

    it.each([
      ['undefined is {}', 'function main() {}', 200, {}],
      ['null passes, for the platform to refuse', 'function main() { return null }', 200, null],
      [
        'a promise is awaited',
        'function main() { return new Promise((r) => setTimeout(() => r({ later: true }), 20)) }',
        200,
        { later: true },
      ],
      ['an async function works', 'async function main() { return { ok: 1 } }', 200, { ok: 1 }],
      ['a number', 'function main() { return 42 }', 502, { error: 'The action did not return a dictionary.' }],
      ['a boolean', 'function main() { return true }', 502, { error: 'The action did not return a dictionary.' }],
      ['a function', 'function main() { return main }', 502, { error: 'The action did not return a dictionary.' }],
      [
        'a promise of a text',
        'async function main() { return "x" }',
        502,
        { error: 'The action did not return a dictionary.' },
      ],
      [
        'an error property',
        'function main() { return { error: "bad thing", other: 1 } }',
        200,
        { error: 'bad thing', other: 1 },
      ],
      [
        'throw new Error',
        'function main() { throw new Error("boom") }',
        502,
        { error: 'An error has occurred: Error: boom' },
      ],
      ['throw a text', 'function main() { throw "boomstr" }', 502, { error: 'An error has occurred: boomstr' }],
      [
        'throw what has no text',
        'function main() { throw Object.create(null) }',
        502,
        { error: 'An error has occurred: [object Object]' },
      ],
      ['reject an object', 'function main() { return Promise.reject({ my: "rej" }) }', 200, { error: { my: 'rej' } }],
      ['reject nothing', 'function main() { return Promise.reject() }', 200, { error: {} }],
      ['reject a text', 'function main() { return Promise.reject("why") }', 200, { error: 'why' }],
      [
        'reject a cycle',
        'function main() { const a = { b: 1 }; a.self = a; return Promise.reject(a) }',
        200,
        { error: { b: 1, self: '[Circular]' } },
      ],
      [
        'a result without JSON',
        'function main() { const a = {}; a.self = a; return a }',
        500,
        { error: 'Internal error.' },
      ],
      [
        'a thenable',
        'function main() { return { then(resolve) { resolve({ thenable: true }) } } }',
        200,
        { thenable: true },
      ],
    ])('%s', async (_, code, status, json) => {
      const answer = await ran(code);
      expect([answer.status, answer.json]).toEqual([status, json]);
    });

    it('a rejected Error becomes message, name and stack, with its own properties', async () => {
      const answer = await ran(
        'async function main() { throw Object.assign(new TypeError("rejerr"), { code: "E1", detail: { n: 1 } }) }',
      );
      expect(answer.json).toEqual({
        error: {
          message: 'rejerr',
          name: 'TypeError',
          stack: expect.stringMatching(/^TypeError: rejerr\n {4}at main \(\S+action\.js:1:\d+\)\n/),
          code: 'E1',
          detail: { n: 1 },
        },
      });
      expect(answer.status).toBe(200);
    });

    it('a rejection leaves the container ready, an exception stops it', async () => {
      await ran('function main(a) { if (a.t) throw new Error("t"); return Promise.reject({}) }');
      expect((await container.run({})).status).toBe(200);
      expect((await container.run({ t: 1 })).status).toBe(502);
      const after = await container.run({});
      expect([after.status, after.json]).toEqual([403, { error: 'System not ready, status is stopped.' }]);
    });

    it('arguments that are no object are refused', async () => {
      await initialised('function main(a) { return a }');
      expect((await container.run('text')).json).toEqual({
        error: "Internal system error: the argument must be a dictionary but has type 'string'.",
      });
    });

    it('other routes and methods are bad requests', async () => {
      expect([(await container.post('/', {})).status, errorOf(await container.post('/', {}))]).toEqual([
        500,
        'Bad request.',
      ]);
    });

    it('a client that ended its side behind its request still gets the answer', async () => {
      await initialised('function main() { return new Promise((r) => setTimeout(() => r({ ok: 1 }), 50)) }');
      const socket = await container.socket();
      socket.end('POST /run HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}');
      const parts: Buffer[] = [];
      for await (const part of socket) parts.push(part as Buffer);
      expect(Buffer.concat(parts).toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\{"ok":1\}$/);
    });

    it('an exception outside of a run ends the process', async () => {
      await ran('function main() { setTimeout(() => { throw new Error("later") }, 5); return {} }');
      expect(await container.exited).toBe(1);
      expect(container.stderr()).toContain('Error: later');
    });
  });

  describe('text code', () => {
    beforeEach(async () => void (container = await start()));

    it.each([
      ['a function in scope', 'function main() { return { ok: 1 } }'],
      ['a constant in scope', 'const main = () => ({ ok: 1 })'],
      ['exports.main', 'exports.main = () => ({ ok: 1 })'],
      ['module.exports', 'module.exports = { main: () => ({ ok: 1 }) }'],
      ['a global', 'global.main = () => ({ ok: 1 })'],
      ['undeclared variables', 'function main() { count = 1; return { ok: count } }'],
      ['a comment at the end', 'function main() { return { ok: 1 } } // end'],
      [
        'require',
        'const { join } = require("node:path"); function main() { return { ok: join("a", "b") === "a/b" ? 1 : 0 } }',
      ],
      [
        'import()',
        'async function main() { const { join } = await import("node:path"); return { ok: join("a", "b") === "a/b" ? 1 : 0 } }',
      ],
      [
        'an ES module',
        'import { join } from "node:path"; export function main() { return { ok: join("a", "b") === "a/b" ? 1 : 0 } }',
      ],
      ['an ES module with only an export', 'export const main = async () => ({ ok: 1 })'],
      ['an ES module with a default export', 'export default { main: () => ({ ok: 1 }) }'],
      [
        'an ES module with a top-level await',
        'const ok = await Promise.resolve(1); export const main = () => ({ ok })',
      ],
    ])('%s', async (_, code) => {
      expect((await ran(code)).json).toEqual({ ok: 1 });
      expect(container.stderr()).toBe(`${sentinel}\n`);
    });

    it('a dotted main leads into objects', async () => {
      expect((await ran('const lib = { deep: { run: () => ({ ok: 1 }) } }', {}, 'lib.deep.run')).json).toEqual({
        ok: 1,
      });
    });

    it.each([
      ['const main = 5;', 'main', "Action entrypoint 'main' is not a function."],
      ['function main() {}', 'other', "Action entrypoint 'other' is not a function."],
      ['function main() {}', 'a b; process.exit(1)', "Action entrypoint 'a b; process.exit(1)' is not a function."],
      ['export function notmain() {}', 'main', "Action entrypoint 'main' is not a function."],
    ])('%s with main %s fails /init', async (code, main, reason) => {
      const answer = await initialised(code, main);
      expect([answer.status, answer.json]).toEqual([502, { error: `Initialization has failed due to: ${reason}` }]);
      expect(container.stderr().split('\n')[0]).toBe(`Error during initialization: ${reason}`);
    });

    it('a failed /init is final', async () => {
      await initialised('throw 1');
      expect((await initialised('function main() {}')).json).toEqual({ error: 'System not ready, status is stopped.' });
    });
  });

  describe('archives', () => {
    beforeEach(async () => void (container = await start()));

    const manifest = (content: object): Uint8Array => bytes(JSON.stringify(content));
    const ok = 'exports.main = () => ({ ok: 1 })';
    const cases: [string, Zippable, string?][] = [
      ['index.js alone', { 'index.js': bytes(ok) }],
      ['another file by name', { 'other.js': bytes('exports.niam = () => ({ ok: 1 })') }, 'other.niam'],
      [
        'another file with a nested function',
        { 'other.js': bytes('exports.a = { b: () => ({ ok: 1 }) }') },
        'other.a.b',
      ],
      [
        'its own node_modules',
        {
          'index.js': bytes('exports.main = () => ({ ok: require("dep").n })'),
          'node_modules/dep/index.js': bytes('exports.n = 1'),
        },
      ],
      [
        '"type": "module"',
        { 'package.json': manifest({ type: 'module' }), 'index.js': bytes('export const main = () => ({ ok: 1 })') },
      ],
      [
        '"type": "module" with relative and packaged imports',
        {
          'package.json': manifest({ type: 'module', main: 'src/a.js' }),
          'src/a.js': bytes(
            'import { n } from "./b.js"; import dep from "dep"; export const main = () => ({ ok: n * dep })',
          ),
          'src/b.js': bytes('export const n = 1'),
          'node_modules/dep/package.json': manifest({ main: 'i.js' }),
          'node_modules/dep/i.js': bytes('module.exports = 1'),
        },
      ],
      ['index.mjs', { 'index.mjs': bytes('export const main = () => ({ ok: 1 })') }],
      [
        'a main file with the ending .mjs',
        { 'package.json': manifest({ main: 'a.mjs' }), 'a.mjs': bytes('export default { main: () => ({ ok: 1 }) }') },
      ],
      ['stored, not compressed', { 'index.js': [bytes(ok), { level: 0 }] }],
      [
        'folders as entries',
        {
          lib: { 'a.js': bytes('exports.n = 1') },
          'index.js': bytes('exports.main = () => ({ ok: require("./lib/a").n })'),
        },
      ],
    ];
    it.each(cases)('%s', async (_, files, main = 'main') => {
      expect((await ran(files, {}, main)).json).toEqual({ ok: 1 });
      expect(container.stderr()).toBe(`${sentinel}\n`);
    });

    it('keeps the executable bit and links that stay inside', async () => {
      const link = { os: 3, attrs: 0o120777 << 16 } as const;
      const files: Zippable = {
        'index.js': bytes(`const { execFileSync } = require('child_process')
          exports.main = () => ({ ok: execFileSync('./bin/tool').toString(), linked: require('./alias.js').n })`),
        'bin/tool': [bytes('#!/bin/sh\nprintf ran'), { os: 3, attrs: 0o100755 << 16 }],
        'alias.js': [bytes('lib/real.js'), link],
        'lib/real.js': bytes('exports.n = 1'),
      };
      expect((await ran(files)).json).toEqual({ ok: 'ran', linked: 1 });
    });

    it.each([
      ['an absolute link', { out: '/etc' }],
      ['a link upwards', { out: '../..' }],
      ['a link through a link', { here: '.', 'here/out': '..' }],
    ])('%s out of the archive is refused', async (_, links) => {
      const entries = Object.entries(links).map(
        ([name, to]) => [name, [bytes(to), { os: 3, attrs: 0o120777 << 16 }]] as const,
      );
      const answer = await initialised({ 'index.js': bytes(ok), ...Object.fromEntries(entries) });
      expect(errorOf(answer)).toContain('leads out of the archive');
    });

    it('a damaged entry is refused', async () => {
      const whole = Buffer.from(zipSync({ 'index.js': [bytes(ok), { level: 0 }] }));
      whole[40] = (whole[40] ?? 0) ^ 0xff;
      const answer = await container.init({ code: whole.toString('base64'), binary: true });
      expect(errorOf(answer)).toContain('There was an error uncompressing the action archive.');
    });

    it('a tar.gz is unpacked too', async () => {
      const folder = mkdtempSync(join(container.directory, 'tar-'));
      writeFileSync(join(folder, 'index.js'), ok);
      const archive = execFileSync('tar', ['-czf', '-', '-C', folder, 'index.js']);
      await container.init({ code: archive.toString('base64'), binary: true });
      expect((await container.run({})).json).toEqual({ ok: 1 });
    });
  });

  describe('concurrency', () => {
    const slow = 'function main({ ms }) { return new Promise((r) => setTimeout(() => r({ ms }), ms)) }';

    it('a second run meanwhile is 403', async () => {
      container = await start();
      await initialised(slow);
      const answers = await Promise.all([container.run({ ms: 200 }), container.run({ ms: 200 })]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
      expect(answers.find(({ status }) => status === 403)?.json).toEqual({
        error: 'System not ready, status is running.',
      });
      expect((await container.run({ ms: 1 })).status).toBe(200);
    });

    it('with __OW_ALLOW_CONCURRENT runs overlap, each with its own sentinel', async () => {
      container = await start({ __OW_ALLOW_CONCURRENT: 'True', __HEARTH_LOG_STAMP: '1' });
      await initialised(slow);
      const order: number[] = [];
      const runs = [200, 20].map(async (ms) =>
        order.push(((await container.run({ ms }, { activation_id: `id${ms}` })).json as { ms: number }).ms),
      );
      await Promise.all(runs);
      expect(order).toEqual([20, 200]);
      expect(container.stdout()).toBe(`${sentinel} id20\n${sentinel} id200\n`);
    });

    it('each line bears the activation that wrote it, whole, also where several are written at a time', async () => {
      container = await start({ __OW_ALLOW_CONCURRENT: 'true', __HEARTH_LOG_STAMP: '1' });
      await initialised(`async function main({ name }) {
        for (let n = 0; n < 3; n += 1) {
          process.stdout.write(name + ' ');
          await new Promise((r) => setTimeout(r, 20));
          process.stdout.write(n + '\\n' + name);
          console.error(name, Buffer.from('é'));
          await null;
          process.stdout.write('!\\n');
        }
        process.stdout.write(Buffer.from('no end of ' + name));
        setTimeout(() => console.log('late ' + name), 30);
        return {};
      }`);
      const ids = ['a', 'b', 'c'].map((letter) => letter.repeat(32));
      await Promise.all(ids.map((id) => container.run({ name: id[0] }, { activation_id: id })));
      await until('late lines', () => container.stdout().split('late').length === 4);
      const lines = container.stdout().trimEnd().split('\n');
      for (const id of ids) {
        const own = lines.filter((line) => line.startsWith(`\u001e${id} `)).map((line) => line.slice(34));
        const name = id[0]!;
        expect(own).toEqual([...[0, 1, 2].flatMap((n) => [`${name} ${n}`, `${name}!`]), `no end of ${name}`]);
        expect(lines.indexOf(`${sentinel} ${id}`)).toBeGreaterThan(lines.indexOf(`\u001e${id} no end of ${name}`));
        expect(lines).toContain(`late ${name}`);
        expect(container.stderr().split(`\u001e${id} ${name} `).length).toBe(4);
      }
    });

    it('without overlap no line bears anything', async () => {
      container = await start({ __HEARTH_LOG_STAMP: '1' });
      await initialised('function main() { console.log("plain"); return {} }');
      await container.run({}, { activation_id: 'a'.repeat(32) });
      expect(container.stdout()).toBe(`plain\n${sentinel} ${'a'.repeat(32)}\n`);
    });

    it('an endless line is cut, and each piece bears its activation', async () => {
      container = await start({ __OW_ALLOW_CONCURRENT: 'true', __HEARTH_LOG_STAMP: '1' });
      await initialised('function main() { process.stdout.write("x".repeat(150000)); return {} }');
      const id = 'd'.repeat(32);
      await container.run({}, { activation_id: id });
      const lines = container.stdout().trimEnd().split('\n').slice(0, -1);
      expect(lines.map((line) => line.slice(0, 34))).toEqual(Array(3).fill(`\u001e${id} `));
      expect(lines.map((line) => line.slice(34)).join('')).toBe('x'.repeat(150_000));
    });
  });

  it('what still waits in an output stream comes before the sentinel', async () => {
    container = await start();
    await ran(
      'function main() { for (let n = 0; n < 20000; n += 1) process.stdout.write("x".repeat(80) + "\\n"); return {} }',
    );
    const lines = container.stdout().trimEnd().split('\n');
    expect([lines.length, lines.at(-1)]).toEqual([20_001, sentinel]);
  });

  it('the environment behaves as the real one', async () => {
    container = await start();
    const answer = await ran(`function main() {
      process.env.N = 5; process.env.U = undefined; delete process.env.PATH
      Object.assign(process.env, { M: true })
      return { n: process.env.N, u: process.env.U, m: process.env.M, path: 'PATH' in process.env, missing: process.env.MISSING === undefined,
        tz: (process.env.TZ = 'Asia/Tokyo', new Date(0).getHours()) }
    }`);
    expect(answer.json).toEqual({ n: '5', u: 'undefined', m: 'true', path: false, missing: true, tz: 9 });
  });
});
