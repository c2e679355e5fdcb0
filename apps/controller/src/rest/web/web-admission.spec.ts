import { isAdmitted } from './web-admission';

const required = (value: unknown) => [{ key: 'require-whisk-auth', value }];
const secret = (value: string) => ({ 'x-require-whisk-auth': value });

describe('require-whisk-auth', () => {
  it.each([
    ['absent', [], {}, false, true],
    ['false', required(false), {}, false, true],
    ['true, and nobody has authenticated', required(true), {}, false, false],
    ['true, and the header says so', required(true), secret('true'), false, false],
    ['true, and somebody has', required(true), {}, true, true],
    ['a secret, and no header', required('s'), {}, true, false],
    ['a secret, and another one', required('s'), secret('S'), true, false],
    ['a secret, and it', required('s'), secret('s'), false, true],
    ['a number, and it as text', required(1234), secret('1234'), false, true],
    ['a number, and another', required(1234), secret('01234'), false, false],
    ['an empty secret, and no header', required(''), {}, false, false],
    ['null', required(null), secret('null'), true, false],
    ['an object', required({}), secret('[object Object]'), true, false],
    ['a list', required(['s']), secret('s'), true, false],
  ])('%s', (_, annotations, headers, isAuthenticated, isAllowed) => {
    expect(isAdmitted(annotations, headers, isAuthenticated)).toBe(isAllowed);
  });
});
