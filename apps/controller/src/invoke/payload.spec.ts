// From payload to arguments (compatibility notes 2.2, A22).
import type { ExecutableAction } from '#entity';
import { argumentsText as mergedWithin, initEnvironment, type ParsedPayload, payloadOf } from './payload';

const argumentsText = (executable: ExecutableAction, given: ParsedPayload, bytesMax = 1_000): string =>
  mergedWithin(executable, given, bytesMax);

const action = (parts: Partial<ExecutableAction>): ExecutableAction => ({
  namespace: 'guest',
  packageName: undefined,
  name: 'a',
  fullyQualifiedName: 'guest/a',
  version: '0.0.1',
  revision: 1,
  exec: { kind: 'nodejs:20' },
  parameters: [],
  initEnvironment: {},
  immutableParameters: new Set(),
  limits: { timeout: 60_000, memory: 256, logs: 10, concurrency: 1 },
  annotations: [],
  providesApiKey: false,
  composition: undefined,
  retries: 0,
  binding: undefined,
  ...parts,
});
const payload = (text: string) => payloadOf(text, JSON.parse(text) as Record<string, unknown>);

describe('payload', () => {
  it("passes the caller's own text on when nothing has to be merged", () => {
    expect(argumentsText(action({}), payload('{"b": 1,  "a":1.50}'))).toBe('{"b": 1,  "a":1.50}');
    expect(argumentsText(action({}), payloadOf('', undefined))).toBe('{}');
  });

  it('lets the payload override parameters, null too', () => {
    const parameters = [
      { key: 'd', value: 'default' },
      { key: 'e', value: 1 },
    ];
    expect(JSON.parse(argumentsText(action({ parameters }), payload('{"e":null,"x":2}')))).toEqual({
      d: 'default',
      e: null,
      x: 2,
    });
  });

  it('refuses what is too large once parameters are merged in, and nothing of the same size that has none', () => {
    const parameters = [{ key: 'd', value: 'é'.repeat(10) }];
    const merged = Buffer.byteLength(argumentsText(action({ parameters }), payload('{"x":1}')));
    expect(merged).toBe(34);
    expect(() => argumentsText(action({ parameters }), payload('{"x":1}'), 33)).toThrow(
      expect.objectContaining({ status: 413, message: 'Request larger than allowed: 34 > 33 bytes.' }) as Error,
    );
    expect(argumentsText(action({ parameters }), payload('{"x":1}'), 34)).toContain('"x":1');
    expect(argumentsText(action({}), payload(`{"x":"${'y'.repeat(40)}"}`), 33)).toHaveLength(48);
  });

  it('does not count what the platform adds to what was sent', () => {
    const parameters = [{ key: 'd', value: 1 }];
    const text = `{"__ow_headers":{"a":"${'h'.repeat(100)}"},"x":1}`;
    const sent = { ...payload(text), sentBytes: 7 };
    expect(argumentsText(action({ parameters }), sent, 13)).toContain('"x":1');
    expect(() => argumentsText(action({ parameters }), sent, 12)).toThrow(
      'Request larger than allowed: 13 > 12 bytes.',
    );
  });

  it('refuses a payload that defines a final parameter', () => {
    const final = action({ parameters: [{ key: 'd', value: 1 }], immutableParameters: new Set(['d']) });
    expect(() => argumentsText(final, payload('{"d":2}'))).toThrow(
      'Request defines parameters that are not allowed (e.g., reserved properties).',
    );
    expect(argumentsText(final, payload('{"e":2}'))).toBe('{"d":1,"e":2}');
  });

  it('takes init parameters out of the arguments and into the environment', () => {
    const withInit = action({ initEnvironment: { INITP: 'stored' } });
    expect(argumentsText(withInit, payload('{"INITP":"call","x":1}'))).toBe('{"x":1}');
    expect(initEnvironment(withInit, payload('{"INITP":"call"}'))).toEqual({ INITP: 'call' });
    expect(initEnvironment(withInit, payload('{"INITP":{"a":1}}'))).toEqual({ INITP: '{"a":1}' });
    expect(initEnvironment(withInit, payload('{}'))).toEqual({ INITP: 'stored' });
  });

  it('does not let a payload reach the prototype', () => {
    const parameters = [{ key: 'd', value: 1 }];
    const text = argumentsText(action({ parameters }), payload('{"__proto__":{"polluted":true}}'));
    expect(text).toBe('{"d":1,"__proto__":{"polluted":true}}');
  });
});
