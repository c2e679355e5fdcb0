import { readCommandLine } from './command-line';

const read = (words: string): unknown => readCommandLine(words.split(' ').filter((word) => word !== ''));

describe('the command line of hearth admin', () => {
  it.each([
    ['nodes', { command: 'nodes', words: [], isJson: false, timeoutMs: 10_000 }],
    ['nodes --json --timeout 1.5', { isJson: true, timeoutMs: 1_500 }],
    ['keys', { command: 'actions' }],
    ['return node0', { command: 'uncordon', words: ['node0'] }],
    ['--wait drain node0', { command: 'drain', words: ['node0'], isWaiting: true }],
    ['stem-cells', { command: 'stem-cells', words: [] }],
    ['stem-cells list', { command: 'stem-cells', words: [] }],
    ['stem-cells set nodejs:20 256 3', { command: 'set-stem-cells', words: ['nodejs:20', '256', '3'] }],
    ['stem-cells reset nodejs:20 256', { command: 'reset-stem-cells' }],
    ['status --address a:1,b:2 --address [::1]:3', { addresses: ['a:1', 'b:2', '[::1]:3'] }],
    ['containers --node node0 --action guest/hello', { node: 'node0', action: 'guest/hello' }],
  ])('understands %s', (words, expected) => {
    expect(read(words)).toMatchObject(expected);
  });

  it.each([
    ['', 'admin needs a command; see hearth admin --help.'],
    ['toString', 'admin has no command "toString"; see hearth admin --help.'],
    ['drain', 'drain needs NODE; see hearth admin --help.'],
    ['drain node0 node1', 'drain takes no "node1"; see hearth admin --help.'],
    ['nodes --wait', 'nodes takes no --wait; see hearth admin --help.'],
    ['nodes --colour', "Unknown option '--colour'; see hearth admin --help."],
    ['stem-cells set nodejs:20 256MB 3', 'MEMORY_MB is "256MB"; give a whole number of megabytes.'],
    ['stem-cells set nodejs:20 256 many', 'COUNT is "many"; give a whole number.'],
    ['status --address 127.0.0.1', `--address is "127.0.0.1"; give host:port of a scheduler's admin port.`],
    ['status --timeout soon', '--timeout is "soon"; give seconds, up to 3600.'],
  ])('says what is wrong with "%s"', (words, sentence) => {
    expect(read(words)).toBe(sentence);
  });
});
