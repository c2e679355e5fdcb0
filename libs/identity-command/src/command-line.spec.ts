import { readCommandLine } from './command-line';

const read = (text: string): unknown => {
  const [menu = '', ...words] = text.split(' ');
  return readCommandLine(menu, words);
};

it.each([
  ['user create userA -ns space1', 'user create', ['userA'], { namespace: 'space1' }],
  [
    'user create -u u:k --namespace=space userA -r',
    'user create',
    ['userA'],
    { auth: 'u:k', namespace: 'space', revoke: true },
  ],
  ['user block a b c', 'user block', ['a', 'b', 'c'], {}],
  ['user list space1 -p 3 -k', 'user list', ['space1'], { pick: 3, key: true }],
  ['user list space1 --all', 'user list', ['space1'], { all: true }],
  [
    'limits set s --allowedKinds nodejs:20 python:3 --firesPerMinute 0',
    'limits set',
    ['s'],
    { allowedKinds: ['nodejs:20', 'python:3'], firesPerMinute: 0 },
  ],
  [
    'limits set s --maxActionMemory 256 --maxParameterSize 512KB --truncationSize=10',
    'limits set',
    ['s'],
    { maxActionMemory: 256, maxParameterSize: 524_288, truncationSize: 10 },
  ],
  ['limits get s --data-dir /d', 'limits get', ['s'], { 'data-dir': '/d' }],
])('reads %s', (text, command, words, given) => {
  expect(read(text)).toEqual({ command, words, given });
});

it.each([
  ['user', 'user needs a command; see hearth user --help.'],
  ['user rename x', 'user has no command "rename"; see hearth user --help.'],
  ['user create', 'user create needs SUBJECT; see hearth user --help.'],
  ['user create a b', 'user create takes no "b"; see hearth user --help.'],
  ['user create subject -ns', 'user create needs something after -ns; see hearth user --help.'],
  ['user delete subject -r', 'user delete takes no -r; see hearth user --help.'],
  ['user list s -p x', 'user list needs a whole number after -p; see hearth user --help.'],
  ['user list s --all=yes', 'user list takes nothing with --all; see hearth user --help.'],
  [
    'limits set s --firesPerMinute -1',
    'limits set needs a whole number after --firesPerMinute; see hearth limits --help.',
  ],
  [
    'limits set s --firesPerMinute 9999999999',
    'limits set needs a whole number after --firesPerMinute; see hearth limits --help.',
  ],
  [
    'limits set s --maxPayloadSize 5GB',
    'limits set needs a size after --maxPayloadSize, such as 512 KB; see hearth limits --help.',
  ],
  [
    'limits set s --allowedKinds --firesPerMinute 1',
    'limits set needs something after --allowedKinds; see hearth limits --help.',
  ],
])('refuses %s', (text, sentence) => {
  expect(read(text)).toBe(sentence);
});
