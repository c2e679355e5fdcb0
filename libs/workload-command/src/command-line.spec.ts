import { readCommandLine } from './command-line';

describe('the words after hearth workload', () => {
  it('are a command', () => {
    expect(
      readCommandLine(['run', 'a.yaml', '--seed', '7', '--plots', 'svg,png', '--apihost', 'http://x']),
    ).toMatchObject({
      command: 'run',
      file: 'a.yaml',
      seed: 7,
      plots: ['svg', 'png'],
      apihost: 'http://x',
      callBackListen: '127.0.0.1:0',
      isQuiet: false,
    });
    expect(readCommandLine(['list'])).toEqual({ command: 'list', name: undefined });
    expect(readCommandLine(['compare', 'a', 'b'])).toEqual({ command: 'compare', files: ['a', 'b'] });
    expect(readCommandLine(['merge', 'a', 'b', 'c', '--out', 'd'])).toEqual({
      command: 'merge',
      files: ['a', 'b', 'c'],
      out: 'd',
      plots: [],
    });
  });

  it.each([
    [[], 'workload needs a command'],
    [['walk'], 'workload has no command "walk"'],
    [['run'], 'run needs FILE'],
    [['run', 'a', 'b'], 'run takes no "b"'],
    [['compare', 'a'], 'compare needs A and B'],
    [['merge', 'a'], 'merge needs A and B'],
    [['merge', 'a', 'b', '--seed', '1'], 'merge takes no --seed'],
    [['list', '--seed', '1'], 'list takes no --seed'],
    [['run', 'a', '--what'], "Unknown option '--what'"],
    [['run', 'a', '--seed', '-1'], "Option '--seed' argument is ambiguous"],
    [['run', 'a', '--seed', '5000000000'], '--seed is "5000000000"'],
    [['run', 'a', '--plots', 'gif'], '--plots is "gif"'],
    [['run', 'a', '--prefix', 'a/b'], '--prefix is "a/b"'],
    [['run', 'a', '--callback-listen', '9000'], '--callback-listen is "9000"'],
    [['run', 'a', '--callback-url', 'http://x'], '--callback-url is "http://x"'],
  ])('%j are refused', (words, sentence) => {
    expect(readCommandLine(words)).toContain(sentence);
  });
});
