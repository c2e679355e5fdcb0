// python:3, where the machine has one.
import { expectAnswer, expectRecord } from '../support/answers';
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';

describe('python:3', () => {
  let platform: Platform;
  let guest: Guest;
  beforeAll(async () => {
    platform = await startPlatform();
    guest = new Guest(platform);
  });
  afterAll(() => platform.stop());

  it('is offered and runs, cold and warm', async () => {
    const code =
      'def main(args):\n    print("told")\n    return {"greeting": "Hello, " + args.get("name", "world") + "!"}\n';
    await guest.putAction('python', code, { kind: 'python:3' });
    for (const isCold of [true, false]) {
      const answer = await guest.invoke('python', { name: 'Ünïcode 🐍' });
      expectAnswer(answer, 200);
      expectRecord(answer.json, {
        name: 'python',
        kind: 'python:3',
        isCold,
        response: {
          status: 'success',
          success: true,
          result: { greeting: 'Hello, Ünïcode 🐍!' },
          size: expect.any(Number),
        },
      });
    }
  });

  it('an exception is an application error', async () => {
    await guest.putAction('python-raises', 'def main(args):\n    raise ValueError("no")\n', { kind: 'python:3' });
    const answer = await guest.invoke('python-raises');
    expectAnswer(answer, 502);
    expect(answer.json.response).toMatchObject({
      status: 'application error',
      success: false,
      result: { error: 'no' },
    });
  });

  it('a syntax error is a developer error', async () => {
    await guest.putAction('python-syntax', 'def main(args:\n', { kind: 'python:3' });
    const answer = await guest.invoke('python-syntax');
    expectAnswer(answer, 502);
    expect(answer.json.response).toMatchObject({ status: 'action developer error', success: false });
  });
});
