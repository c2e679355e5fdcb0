import { ParameterSeal, SealedForGood } from './index';

const [old, current] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
const list = [
  { key: 'password', value: 'hunter2', init: true },
  ...['', null, false, 0, 1.5, 'ü\n', { deep: [1, { a: null }] }].map((value, at) => ({ key: `k${at}`, value })),
];

describe('a seal of parameters', () => {
  it('opens to the same list, of which nothing but names is readable meanwhile', () => {
    const sealed = new ParameterSeal(current).seal('guest/a', list);
    expect(new ParameterSeal(current).open('guest/a', sealed)).toEqual(list);
    const text = JSON.stringify(sealed);
    expect(text).not.toContain('hunter2');
    expect(Buffer.from(String(sealed[0]!.value), 'base64').toString('latin1')).not.toContain('hunter2');
    expect(sealed[0]).toMatchObject({ key: 'password', init: true, encryption: 'aes-256' });
  });

  it('opens what a former key sealed, and seals under the current one', () => {
    const both = new ParameterSeal(current, [old]);
    expect(both.open('guest/a', new ParameterSeal(old).seal('guest/a', list))).toEqual(list);
    expect(new ParameterSeal(current).open('guest/a', both.seal('guest/a', list))).toEqual(list);
  });

  it('without a key seals nothing, and opens what a former one sealed', () => {
    expect(new ParameterSeal(undefined).seal('guest/a', list)).toEqual(list);
    const off = new ParameterSeal(undefined, [old]);
    expect(off.open('guest/a', new ParameterSeal(old).seal('guest/a', list))).toEqual(list);
    expect(off.seal('guest/a', list)).toEqual(list);
  });

  it('hands on what was never sealed', () => {
    expect(new ParameterSeal(current).open('guest/a', list)).toEqual(list);
  });

  it('never opens to a wrong value: not without its key, not elsewhere, not when it was changed', () => {
    const seal = new ParameterSeal(current);
    const [first, second] = seal.seal('guest/a', list) as [(typeof list)[0], (typeof list)[0]];
    const damaged = { ...first, value: Buffer.from('damaged').toString('base64') };
    const swapped = { ...first, value: second.value };
    const unknown = { ...first, encryption: 'aes-128' };
    for (const bad of [damaged, swapped, unknown, { ...first, value: 5 }])
      expect(() => seal.open('guest/a', [bad])).toThrow(SealedForGood);
    expect(() => seal.open('guest/b', [first])).toThrow(SealedForGood);
    for (const other of [new ParameterSeal(old), new ParameterSeal(undefined)])
      expect(() => other.open('guest/a', [first])).toThrow(SealedForGood);
  });
});
