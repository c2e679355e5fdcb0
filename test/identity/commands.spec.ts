import { describeIdentityCommands, runCommand } from './commands';

describe('hearth user and hearth limits, on SQLite', () => {
  describeIdentityCommands(() => undefined);

  it('say what they can do, and refuse what they cannot, as processes of their own', async () => {
    expect(await runCommand(['user'], {})).toMatchObject({ code: 0, out: expect.stringContaining('whois') as string });
    expect(await runCommand(['limits', '--help'], {})).toMatchObject({ code: 0, said: '' });
    expect(await runCommand(['user', 'frob'], {})).toMatchObject({ code: 2, out: '' });
    const refused = await runCommand(['user', 'create', 'userA'], { HEARTH_DATA_DIR: '/dev/null/nothing' });
    expect([refused.code, refused.out, refused.said.trim().split('\n')]).toEqual([
      1,
      '',
      [expect.stringMatching(/^hearth: user failed: cannot write the database/) as string],
    ]);
  });
});
