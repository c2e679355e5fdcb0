import { Seal } from './seal';

const secret = 'a secret of some length';

describe('a seal', () => {
  it('opens what it sealed, and seals nothing twice alike', () => {
    const seal = new Seal(secret, 'subjects');
    const [one, two] = [seal.seal('uuid:key'), seal.seal('uuid:key')];
    expect([new Seal(secret, 'subjects').open(one), seal.open(two)]).toEqual(['uuid:key', 'uuid:key']);
    expect(one).not.toBe(two);
    expect(Buffer.from(one, 'base64').toString('latin1')).not.toContain('key');
  });

  it('opens at the place that it was sealed for, and nowhere else', () => {
    const seal = new Seal(Buffer.from(secret), 'parameters');
    const sealed = seal.seal('text', 'guest/one');
    expect(seal.open(sealed, 'guest/one')).toBe('text');
    for (const place of ['guest/two', '']) expect(() => seal.open(sealed, place)).toThrow();
  });

  it('opens nothing of another secret, of another purpose, or that was changed', () => {
    const sealed = new Seal(secret, 'subjects').seal('uuid:key');
    const bytes = Buffer.from(sealed, 'base64');
    bytes[bytes.length - 1]! ^= 1;
    expect(() => new Seal('another secret of some length', 'subjects').open(sealed)).toThrow();
    expect(() => new Seal(secret).open(sealed)).toThrow();
    expect(() => new Seal(secret, 'subjects').open(bytes.toString('base64'))).toThrow();
    expect(() => new Seal(secret, 'subjects').open('')).toThrow();
  });
});
