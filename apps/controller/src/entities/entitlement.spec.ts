import type { Identity } from '#entity';
import { type Access, checkKind, entityTarget, invokeTarget, ownedNamespace } from './entitlement';

const guest: Identity = { subject: 'guest', namespace: 'guest', uuid: '', apiKey: '', limits: {} };
const denied = (resource: string) => `The supplied authentication is not authorized to access '${resource}'.`;

describe('entitlement', () => {
  it.each([
    ['_', ['a'], { namespace: 'guest', packageName: undefined, name: 'a' }],
    ['guest', ['p', 'a'], { namespace: 'guest', packageName: 'p', name: 'a' }],
  ])('lets the owner of %p at %j', (namespace, rest, expected) => {
    expect(invokeTarget(guest, namespace, rest)).toEqual(expected);
  });

  it.each<[string, string[], Access, string]>([
    ['other', ['a'], 'read', denied('other/a')],
    ['other', ['a'], 'write', denied('other/a')],
    ['other', ['p', 'a'], 'write', denied('other/p/a')],
  ])('keeps others from %p %j (%s)', (namespace, rest, access, message) => {
    expect(() => entityTarget(guest, namespace, rest, access)).toThrow(
      expect.objectContaining({ status: 403, cors: true, message }) as Error,
    );
  });

  it.each<Access>(['read', 'activate'])('leaves it to a foreign package who may %s what is in it', (access) => {
    const target = { namespace: 'other', packageName: 'p', name: 'a' };
    expect(entityTarget(guest, 'other', ['p', 'a'], access)).toEqual(target);
  });

  it.each<[string, string[], number, string]>([
    ['bad$ns', ['a'], 400, 'The namespace contains illegal characters.'],
    ['other', ['a$b'], 400, 'The name of the entity contains illegal characters.'],
    ['_', ['p', 'a/b'], 400, 'The name of the entity contains illegal characters.'],
    ['_', ['a', 'b', 'c'], 404, 'The requested resource could not be found.'],
  ])('looks at syntax before rights: %p %j', (namespace, rest, status, message) => {
    expect(() => invokeTarget(guest, namespace, rest)).toThrow(
      expect.objectContaining({ status, cors: false, message }) as Error,
    );
  });

  it('gives collections to their owner only', () => {
    expect(ownedNamespace(guest, '_')).toBe('guest');
    expect(() => ownedNamespace(guest, 'bad ns')).toThrow(denied('bad ns'));
  });

  it('knows which kinds a namespace may use', () => {
    expect(() => checkKind(guest, 'nodejs:20')).not.toThrow();
    const restricted = { ...guest, limits: { allowedKinds: ['nodejs:20'] } };
    expect(() => checkKind(restricted, 'nodejs:20')).not.toThrow();
    expect(() => checkKind(restricted, 'python:3')).toThrow(
      "The supplied authentication is not authorized to access actions of kind 'python:3'.",
    );
  });
});
