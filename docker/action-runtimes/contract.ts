// OpenWhisk's contract of an action container, one rule per line of this table, for every runtime of ours alike.
//
// A runtime joins with a dialect: the same small actions in its language, and the words in which it refuses. What is peculiar to one language stands in its
// own spec beside this file.
import { type Zippable, zipSync } from 'fflate';
import type { ActionContainer, Answer, StartContainer } from './runtime-process';

export const sentinel = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX';

export interface Dialect {
  kind: string;
  start: StartContainer;
  /** Actions with a function `main`, each doing what its name says. */
  code: {
    echo: string;
    array: string;
    text: string;
    /** Prints `out <n>` and `err <n>` with its argument n, without a newline at the end of the last line of stdout when `raw` is given. */
    prints: string;
    /** Answers `{ seen: {...environment} }`. */
    environment: string;
    /** The environment variable GREETING, read while the code is loaded. */
    loadedEnvironment: string;
    /** A function called `cmain` that answers {foo: 1}. */
    namedMain: string;
    exits: string;
    brokenSyntax: string;
    throwsAtLoad: string;
    noMain: string;
    /** Answers {size} of its argument `payload` and the payload itself. */
    large: string;
  };
  /** The root file of an archive that answers {zip: true, helper: <from lib/helper>, cwd: whether its own file is in the working directory}. */
  archive: Zippable;
  answers: {
    initialised: unknown;
    runBeforeInit: { status: number; error: string };
    badResult: string;
    /** How the sentence of each failed init begins. */
    brokenSyntax: string;
    throwsAtLoad: string;
    noMain: string;
    brokenArchive: string;
    archiveWithoutMain: string;
    /** Where the reason of a failed init is found besides the answer. */
    malformed: number;
  };
}

export const zip = (files: Zippable): string => Buffer.from(zipSync(files)).toString('base64');
export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
export const errorOf = (answer: Answer): unknown => (answer.json as { error?: unknown }).error;
const sentinelsIn = (log: string): number => log.split('\n').filter((line) => line.startsWith(sentinel)).length;

export type Rule = [
  name: string,
  check: (container: ActionContainer, dialect: Dialect) => Promise<void>,
  env?: Record<string, string>,
];

const stamped = { __HEARTH_LOG_STAMP: '1' };

const rules: Rule[] = [
  [
    '/init answers 200 and writes no sentinel',
    async (container, { code, answers }) => {
      const answer = await container.init({ code: code.echo });
      expect([answer.status, answer.json]).toEqual([200, answers.initialised]);
      expect(container.stdout() + container.stderr()).toBe('');
    },
  ],
  [
    '/run answers what main returned, every answer has its Content-Length',
    async (container, { code }) => {
      await container.init({ code: code.echo });
      const answer = await container.run({ text: 'héé☃😀\u0000', n: 1.5, deep: { list: [null, true] } });
      expect([answer.status, answer.json]).toEqual([
        200,
        { text: 'héé☃😀\u0000', n: 1.5, deep: { list: [null, true] } },
      ]);
      expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.text)));
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
    },
  ],
  [
    'arguments may be missing or null',
    async (container, { code }) => {
      await container.init({ code: code.echo });
      expect((await container.post('/run', {})).json).toEqual({});
      expect((await container.run(null)).json).toEqual({});
    },
  ],
  [
    'an array is a result',
    async (container, { code }) => {
      await container.init({ code: code.array });
      expect((await container.run({})).json).toEqual([1, 2, { a: 3 }]);
    },
  ],
  [
    'a result that is no object is 502',
    async (container, { code, answers }) => {
      await container.init({ code: code.text });
      const answer = await container.run({});
      expect([answer.status, answer.json]).toEqual([502, { error: answers.badResult }]);
      expect(sentinelsIn(container.stdout())).toBe(1);
    },
  ],
  [
    'main may have another name',
    async (container, { code }) => {
      await container.init({ code: code.namedMain, main: 'cmain' });
      expect((await container.run({})).json).toEqual({ foo: 1 });
    },
  ],
  [
    'code is loaded once: a second /init is 403',
    async (container, { code }) => {
      await container.init({ code: code.echo });
      const second = await container.init({ code: code.array });
      expect([second.status, second.json]).toEqual([403, { error: 'Cannot initialize the action more than once.' }]);
      expect((await container.run({ still: 'echo' })).json).toEqual({ still: 'echo' });
    },
  ],
  [
    '/run before /init is refused',
    async (container, { answers }) => {
      const answer = await container.run({});
      expect([answer.status, errorOf(answer)]).toEqual([answers.runBeforeInit.status, answers.runBeforeInit.error]);
    },
  ],
  [
    '/init without code is 403, and may be repeated with code',
    async (container, { code }) => {
      for (const value of [{ code: '' }, {}]) {
        const answer = await container.init(value);
        expect([answer.status, answer.json]).toEqual([403, { error: 'Missing main/no code to execute.' }]);
      }
      expect((await container.init({ code: code.echo })).status).toBe(200);
    },
  ],
  [
    'the env of /init is there when the code is loaded',
    async (container, { code }) => {
      await container.init({ code: code.loadedEnvironment, env: { GREETING: 'hi', EMPTY: null, LIST: [1] } });
      expect((await container.run({})).json).toEqual({ greeting: 'hi' });
    },
  ],
  [
    'every key of /run but value becomes __OW_<KEY>, anew for each run',
    async (container, { code }) => {
      await container.init({ code: code.environment });
      const first = {
        namespace: 'guest',
        action_name: '/guest/a',
        action_version: '0.0.1',
        activation_id: 'a1',
        transaction_id: 't1',
        deadline: '17',
        api_key: 'u:k',
      };
      const seen = async (more: Record<string, unknown>): Promise<Record<string, string>> =>
        ((await container.run({}, more)).json as { seen: Record<string, string> }).seen;
      expect(await seen(first)).toMatchObject({
        __OW_NAMESPACE: 'guest',
        __OW_ACTION_NAME: '/guest/a',
        __OW_ACTION_VERSION: '0.0.1',
        __OW_ACTIVATION_ID: 'a1',
        __OW_TRANSACTION_ID: 't1',
        __OW_DEADLINE: '17',
        __OW_API_KEY: 'u:k',
      });
      expect(await seen({ ...first, activation_id: 'a2', deadline: '18' })).toMatchObject({
        __OW_ACTIVATION_ID: 'a2',
        __OW_DEADLINE: '18',
        __OW_NAMESPACE: 'guest',
      });
    },
  ],
  [
    "child processes inherit the run's environment",
    async (container, { code }) => {
      await container.init({ code: code.environment });
      for (const id of ['child-1', 'another-child-2', 'c3']) {
        const answer = await container.run({ child: true }, { activation_id: id, namespace: 'guest' });
        expect(answer.json).toEqual({ child: `${id} guest` });
      }
    },
  ],
  [
    'settings of the runtime itself are invisible to the action',
    async (container, { code }) => {
      await container.init({ code: code.environment });
      const { seen } = (await container.run({})).json as { seen: Record<string, string> };
      expect(Object.keys(seen).filter((name) => name.startsWith('__'))).toEqual(['__OW_API_HOST']);
    },
    { ...stamped, __OW_API_HOST: 'http://127.0.0.1:3233', __HEARTH_ANYTHING: 'x' },
  ],
  [
    'the sentinel ends each run in both streams, behind all output and before the answer',
    async (container, { code }) => {
      await container.init({ code: code.prints });
      for (const n of [1, 2]) {
        await container.run({ n }, { activation_id: `id${n}` });
        // No waiting: whoever has the answer finds the log complete.
        expect(container.stdout().endsWith(`out ${n}\n${sentinel}\n`)).toBe(true);
        expect(container.stderr().endsWith(`err ${n}\n${sentinel}\n`)).toBe(true);
      }
      expect([sentinelsIn(container.stdout()), sentinelsIn(container.stderr())]).toEqual([2, 2]);
    },
  ],
  [
    'with the log stamp, the sentinel carries the activation id',
    async (container, { code }) => {
      await container.init({ code: code.prints });
      await container.run({ n: 1 }, { activation_id: 'abc' });
      expect(container.stdout()).toBe(`out 1\n${sentinel} abc\n`);
      expect(container.stderr()).toBe(`err 1\n${sentinel} abc\n`);
    },
    stamped,
  ],
  [
    'a failed /init ends with stamped sentinels',
    async (container, { code }) => {
      await container.init({ code: code.throwsAtLoad, env: { __OW_ACTIVATION_ID: 'init1' } });
      expect(container.stdout().endsWith(`${sentinel} init1\n`)).toBe(true);
      expect(container.stderr().endsWith(`${sentinel} init1\n`)).toBe(true);
      expect(container.stderr()).toContain('at load');
    },
    stamped,
  ],
  [
    'a syntax error fails /init with 502',
    async (container, { code, answers }) => {
      const answer = await container.init({ code: code.brokenSyntax });
      expect(answer.status).toBe(502);
      expect(errorOf(answer)).toMatch(answers.brokenSyntax);
      expect(container.stderr()).toContain('SyntaxError');
    },
  ],
  [
    'code that throws while it is loaded fails /init with 502',
    async (container, { code, answers }) => {
      const answer = await container.init({ code: code.throwsAtLoad });
      expect(answer.status).toBe(502);
      expect(errorOf(answer)).toMatch(answers.throwsAtLoad);
    },
  ],
  [
    'code without its main function fails /init with 502',
    async (container, { code, answers }) => {
      const answer = await container.init({ code: code.noMain });
      expect([answer.status, errorOf(answer)]).toEqual([502, answers.noMain]);
    },
  ],
  [
    'an archive is unpacked, its own modules work, its root is the working directory',
    async (container, { archive }) => {
      const answer = await container.init({ code: zip(archive), binary: true });
      expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
      expect((await container.run({})).json).toEqual({ zip: true, helper: 'from the helper', cwd: true });
    },
  ],
  [
    'an archive of 5 MB is loaded',
    async (container, { archive }) => {
      const noise = Uint8Array.from({ length: 5_000_000 }, (_, index) => (index * 2654435761) >>> 13);
      await container.init({ code: zip({ ...archive, 'data.bin': [noise, { level: 0 }] }), binary: true });
      expect((await container.run({})).json).toMatchObject({ zip: true });
    },
  ],
  [
    'what is no archive fails /init',
    async (container, { answers }) => {
      const answer = await container.init({ code: Buffer.from('not a zip').toString('base64'), binary: true });
      expect([answer.status, errorOf(answer)]).toEqual([502, expect.stringContaining(answers.brokenArchive)]);
      expect(container.stderr()).toContain('uncompressing');
    },
  ],
  [
    'a truncated archive fails /init',
    async (container, { archive, answers }) => {
      const whole = zipSync(archive);
      const answer = await container.init({
        code: Buffer.from(whole.subarray(0, whole.length / 2)).toString('base64'),
        binary: true,
      });
      expect([answer.status, errorOf(answer)]).toEqual([502, expect.stringContaining(answers.brokenArchive)]);
    },
  ],
  [
    'an archive cannot write outside its directory',
    async (container, { archive }) => {
      const answer = await container.init({ code: zip({ ...archive, '../escaped.txt': bytes('out') }), binary: true });
      expect(answer.status).toBe(502);
      expect(container.stderr()).toContain('leads out of the archive');
    },
  ],
  [
    'an archive without its main file fails /init',
    async (container, { answers }) => {
      const answer = await container.init({ code: zip({ 'hello.txt': bytes('hi') }), binary: true });
      expect([answer.status, errorOf(answer)]).toEqual([502, answers.archiveWithoutMain]);
    },
  ],
  [
    'megabytes go in and out',
    async (container, { code }) => {
      await container.init({ code: code.large });
      const payload = 'é'.repeat(1_500_000);
      const answer = await container.run({ payload });
      expect((answer.json as { payload: string }).payload === payload).toBe(true);
    },
  ],
  [
    'what is no JSON is refused, the container lives on',
    async (container, { code, answers }) => {
      expect((await container.post('/init', '{"value":')).status).toBe(answers.malformed);
      await container.init({ code: code.echo });
      expect((await container.post('/run', '[1]')).status).toBe(answers.malformed);
      expect((await container.run({ ok: 1 })).json).toEqual({ ok: 1 });
    },
  ],
  [
    'a process that exits during a run gives no answer',
    async (container, { code }) => {
      await container.init({ code: code.exits });
      await expect(container.run({})).rejects.toThrow(/hang up|ECONNRESET/);
      expect(await container.exited).toBe(3);
    },
  ],
];

/** What the process driver relies on; a container of an engine has no standard input. */
const processRules: Rule[] = [
  [
    'the container ends with its standard input',
    async (container, { code }) => {
      await container.init({ code: code.echo });
      container.closeStdin();
      expect(await container.exited).toBe(0);
    },
  ],
];

export function describeContract(dialect: Dialect): void {
  describeRules(`the contract of an action container, ${dialect.kind}`, dialect, rules);
}

/** As a bare process. */
export function describeProcessContract(dialect: Dialect): void {
  describeRules(`the contract of an action container, ${dialect.kind}`, dialect, [...rules, ...processRules]);
}

export function describeRules(title: string, dialect: Dialect, rules: Rule[]): void {
  describe(title, () => {
    for (const [name, check, env] of rules) {
      it(name, async () => {
        const container = await dialect.start(env);
        try {
          await check(container, dialect);
        } finally {
          await container.stop();
        }
      });
    }
  });
}
