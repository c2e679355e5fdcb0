import { checkActivationId } from './activation-id';
import { activationStatus, httpStatusOf, statusText } from './activation';
import { messages } from './messages';

describe('activations', () => {
  it.each([
    [activationStatus.success, 'success', 200],
    [activationStatus.applicationError, 'application error', 502],
    [activationStatus.actionDeveloperError, 'action developer error', 502],
    [activationStatus.whiskInternalError, 'whisk internal error', 500],
  ] as const)('that ended with %p are a %p (%p)', (code, text, status) => {
    expect(statusText(code)).toBe(text);
    expect(httpStatusOf(code)).toBe(status);
  });

  it.each([
    ['abc', 'Activation id length is 3 but must be 32.'],
    ['0'.repeat(33), 'Activation id length is 33 but must be 32.'],
    ['z'.repeat(32), 'The activation id is not valid.'],
    ['ABCDEF00000000000000000000000000', 'The activation id is not valid.'],
  ])('have no id %p', (id, message) => {
    expect(() => checkActivationId(id)).toThrow(
      expect.objectContaining({ status: 400, cors: false, message }) as Error,
    );
  });
});

describe('messages with an optional part', () => {
  it.each([
    [messages.invalidResponse(''), 'The action did not produce a valid JSON or JSON Array response.'],
    [messages.invalidResponse('null'), 'The action did not produce a valid JSON or JSON Array response: null'],
    [messages.invalidInitResponse(''), 'The action failed during initialization.'],
    [messages.invalidInitResponse('x'), 'The action failed during initialization: x'],
    [messages.packageNotEmpty(1), 'Package not empty (contains 1 entity). Set force param or delete package contents.'],
    [
      messages.packageNotEmpty(2),
      'Package not empty (contains 2 entities). Set force param or delete package contents.',
    ],
  ])('%p', (given, expected) => {
    expect(given).toBe(expected);
  });
});
