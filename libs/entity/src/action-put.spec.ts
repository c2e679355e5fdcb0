import { defaultLimits } from '#limits';
import { executableAction } from './action-document';
import { composeAction, readActionPut } from './action-put';
import { manifestFile } from './manifest-under-test';
import { readRuntimesManifest } from './runtimes-manifest';

const limits = { ...defaultLimits, codeBytes: 100, parametersBytes: 100 };
const context = { manifest: readRuntimesManifest(manifestFile), limits, namespace: 'guest', own: {} };
const exec = { kind: 'nodejs:20', code: 'function main(){}' };
const put = (body: unknown, stored?: ReturnType<typeof composeAction>) =>
  composeAction(readActionPut(body, context), stored, context);

describe('PUT of an action', () => {
  it('makes a document of a body, code apart', () => {
    expect(put({ exec, name: 'ignored', updated: 1 })).toEqual({
      version: '0.0.1',
      publish: false,
      exec: { kind: 'nodejs:20', binary: false },
      parameters: [],
      limits: { concurrency: 1, logs: 10, memory: 256, timeout: 60_000 },
      annotations: [
        { key: 'provide-api-key', value: false },
        { key: 'exec', value: 'nodejs:20' },
      ],
    });
  });

  it('merges an update into what is stored', () => {
    const stored = put({
      exec,
      parameters: [{ key: 'p', value: 1 }],
      annotations: [{ key: 'a', value: 1 }],
      publish: true,
    });
    const updated = put({ annotations: [{ key: 'b', value: 2 }], delAnnotations: ['a', 'nosuch'] }, stored);
    expect(updated).toEqual({
      ...stored,
      version: '0.0.2',
      annotations: [
        { key: 'provide-api-key', value: false },
        { key: 'exec', value: 'nodejs:20' },
        { key: 'b', value: 2 },
      ],
    });
    expect(put({ parameters: [] }, stored).parameters).toEqual([]);
    expect(put({ version: '7.8' }, stored).version).toBe('7.8.0');
  });

  it('rewrites the kind in the annotations', () => {
    const updated = put({ exec: { kind: 'nodejs:18', code: '' } }, put({ exec }));
    expect(updated.annotations).toContainEqual({ key: 'exec', value: 'nodejs:18' });
  });

  describe('of a sequence', () => {
    const sequence = { exec: { kind: 'sequence', components: ['/_/a', '/_/b'] } };
    const actions = [{ key: '_actions', value: ['/guest/a', '/guest/b'] }];

    it('has its components as parameters, whatever the request says', () => {
      const stored = put({ ...sequence, parameters: [{ key: 'p', value: 1 }] });
      expect(stored.parameters).toEqual(actions);
      expect(put({ parameters: [{ key: 'p', value: 1 }] }, stored).parameters).toEqual(actions);
      expect(put(sequence, put({ exec, parameters: [{ key: 'p', value: 1 }] })).parameters).toEqual(actions);
    });

    it('leaves no trace when it becomes an action', () => {
      expect(put({ exec }, put(sequence)).parameters).toEqual([]);
    });
  });

  it.each<[unknown, number, string]>([
    [[1], 400, 'The request content was malformed:\nJSON object expected'],
    ['x', 400, 'The request content was malformed:\nJSON object expected'],
    [{}, 400, 'exec undefined'],
    [{ exec: null }, 400, 'exec undefined'],
    [{ exec, version: 'abc' }, 400, 'The request content was malformed:\nsemantic version malformed'],
    [{ exec, version: '0.0.0' }, 400, 'The request content was malformed:\nsemantic version malformed'],
    [{ exec, version: 1 }, 400, 'The request content was malformed:\nsemantic version malformed'],
    [{ exec, publish: 'x' }, 400, 'The request content was malformed:\nExpected publish as a boolean, but got "x"'],
    [{ exec: { kind: 'nodejs:20', code: 'x'.repeat(101) } }, 413, 'exec larger than allowed: 101 > 100 bytes.'],
    [
      { exec, parameters: [{ key: 'a', value: 'x'.repeat(98) }] },
      413,
      'parameters larger than allowed: 101 > 100 bytes.',
    ],
    [
      { exec, annotations: [{ key: 'a', value: 'x'.repeat(98) }] },
      413,
      'annotations larger than allowed: 101 > 100 bytes.',
    ],
    [
      { exec: { kind: 'nodejs:6', code: '' } },
      400,
      "The 'nodejs:6' runtime is no longer supported. You may read and delete but not update or invoke this action.",
    ],
  ])('refuses %j', (body, status, message) => {
    expect(() => put(body)).toThrow(expect.objectContaining({ status, message }) as Error);
  });
});

describe('what the data path needs', () => {
  const stored = { namespace: 'guest', packageName: 'p', name: 'a', revision: 7, updated: 1 };

  it('has merged parameters, init ones apart', () => {
    const document = put({
      exec,
      parameters: [
        { key: 'x', value: 2 },
        { key: 'E', value: 1, init: true },
      ],
    });
    const action = executableAction({ ...stored, document }, [
      { key: 'x', value: 1 },
      { key: 'y', value: null },
    ]);
    expect(action).toMatchObject({
      fullyQualifiedName: 'guest/p/a',
      revision: 7,
      parameters: [
        { key: 'x', value: 2 },
        { key: 'y', value: null },
      ],
      initEnvironment: { E: '1' },
      providesApiKey: false,
      retries: 0,
    });
    expect(action.immutableParameters.size).toBe(0);
  });

  it('knows which parameters are final: those with a value', () => {
    const annotations = [
      { key: 'final', value: true },
      { key: 'provide-api-key', value: 'yes' },
    ];
    const document = put({
      exec,
      parameters: [
        { key: 'x', value: '' },
        { key: 'y', value: null },
      ],
      annotations,
    });
    const action = executableAction({ ...stored, document }, [{ key: 'z', value: 0 }]);
    expect([...action.immutableParameters].sort()).toEqual(['x', 'z']);
    expect(action.providesApiKey).toBe(true);
  });
});
