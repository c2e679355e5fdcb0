// PUT of packages (compatibility notes 1.8, 2.1 and A17).
import { defaultLimits } from '#limits';
import type { PackageDocument } from './package';
import { composePackage, readPackagePut } from './package-put';

const put = (body: unknown) => readPackagePut(body, 'guest', defaultLimits.parametersBytes);
const make = (body: unknown, stored?: PackageDocument) => composePackage(put(body), stored);
const bindingTo = (name: string) => ({ key: 'binding', value: { name, namespace: 'guest' } });

describe('the PUT of a package', () => {
  it('makes an empty one of an empty body, and ignores what it does not know (1.8)', () => {
    const empty = { version: '0.0.1', publish: false, parameters: [], annotations: [] };
    expect(make({})).toEqual(empty);
    expect(make({ foo: 1, name: 'x', namespace: 'y', actions: [], feeds: [], binding: {} })).toEqual(empty);
  });

  it('keeps what is not given and replaces lists whole (2.1)', () => {
    const stored = make({
      publish: true,
      parameters: [{ key: 'p', value: 1 }],
      annotations: [{ key: 'a', value: 1 }],
    });
    expect(make({}, stored)).toEqual({ ...stored, version: '0.0.2' });
    expect(make({ annotations: [{ key: 'b', value: 2 }], version: '1' }, stored)).toEqual({
      ...stored,
      version: '1.0.0',
      annotations: [{ key: 'b', value: 2 }],
    });
  });

  it('binds, `_` being the caller’s namespace, and says so in an annotation of its own (1.8)', () => {
    const bound = make({
      binding: { namespace: '_', name: 'p' },
      annotations: [
        { key: 'binding', value: 'mine' },
        { key: 'a', value: 1 },
      ],
    });
    expect(bound).toMatchObject({
      binding: { namespace: 'guest', name: 'p' },
      annotations: [{ key: 'a', value: 1 }, bindingTo('p')],
    });
    expect(make({ parameters: [] }, bound)).toMatchObject({ binding: { name: 'p' }, annotations: bound.annotations });
    expect(make({ binding: { namespace: 'guest', name: 'q' }, annotations: [] }, bound)).toMatchObject({
      binding: { namespace: 'guest', name: 'q' },
      annotations: [bindingTo('q')],
    });
  });

  it('never makes a binding of a package (1.8)', () => {
    expect(() => make({ binding: { namespace: '_', name: 'q' } }, make({}))).toThrow(
      expect.objectContaining({
        status: 409,
        message: 'Resource is a package and cannot be converted into a binding.',
      }) as Error,
    );
  });

  it.each([
    ['no object', [], 400],
    ['a binding that is text', { binding: '/_/p' }, 400],
    ['half a binding', { binding: { name: 'p' } }, 400],
    ['a binding with a name that cannot exist', { binding: { namespace: '_', name: 'a$b' } }, 400],
    ['parameters that are none', { parameters: {} }, 400],
    ['a version that is none', { version: 'x' }, 400],
    ['too many parameters', { parameters: [{ key: 'p', value: 'x'.repeat(1_048_576) }] }, 413],
  ])('refuses %s', (_, body, status) => {
    expect(() => make(body)).toThrow(expect.objectContaining({ status }) as Error);
  });
});
