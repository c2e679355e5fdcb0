// Reads the words after `hearth user` and `hearth limits`, which are wskadmin's. Pure: a command, or one sentence that says what is wrong.
//
// As in wskadmin options may stand anywhere, long ones start with two dashes, `-ns` is one option, and `--allowedKinds` takes words up to the
// next option.

/** Which options a command takes, and how many words it needs: `one`, or `some`. */
interface Form {
  readonly words: 'one' | 'some';
  readonly wordName: string;
  readonly options: readonly OptionName[];
}

type OptionName =
  | 'auth'
  | 'namespace'
  | 'revoke'
  | 'force'
  | 'all'
  | 'pick'
  | 'key'
  | 'invocationsPerMinute'
  | 'firesPerMinute'
  | 'concurrentInvocations'
  | 'allowedKinds'
  | AmountName
  | SizeName
  | 'enableStoreActivations'
  | 'disableStoreActivations'
  | 'data-dir';

/** Bounds of the limits of actions: MB, milliseconds, or how many. */
export const amounts = [
  ...(['minActionMemory', 'maxActionMemory', 'minActionLogs', 'maxActionLogs'] as const),
  ...(['minActionTimeout', 'maxActionTimeout', 'minActionConcurrency', 'maxActionConcurrency'] as const),
  'maxActionInstances',
] as const;

/** In bytes, or with a unit. */
export const sizes = ['maxParameterSize', 'maxPayloadSize', 'truncationSize'] as const;

type AmountName = (typeof amounts)[number];
type SizeName = (typeof sizes)[number];
type Takes = 'nothing' | 'text' | 'number' | 'texts' | 'size';

const each = <Name extends string, Value>(names: readonly Name[], value: Value): Record<Name, Value> =>
  Object.fromEntries(names.map((name) => [name, value])) as Record<Name, Value>;

const options: Readonly<Record<OptionName, { short?: string; takes: Takes }>> = {
  auth: { short: '-u', takes: 'text' },
  namespace: { short: '-ns', takes: 'text' },
  revoke: { short: '-r', takes: 'nothing' },
  force: { short: '-f', takes: 'nothing' },
  all: { short: '-a', takes: 'nothing' },
  pick: { short: '-p', takes: 'number' },
  key: { short: '-k', takes: 'nothing' },
  invocationsPerMinute: { takes: 'number' },
  firesPerMinute: { takes: 'number' },
  concurrentInvocations: { takes: 'number' },
  allowedKinds: { takes: 'texts' },
  ...each(amounts, { takes: 'number' } as const),
  ...each(sizes, { takes: 'size' } as const),
  enableStoreActivations: { takes: 'nothing' },
  disableStoreActivations: { takes: 'nothing' },
  'data-dir': { takes: 'text' },
};

export const forms = {
  'user create': { words: 'one', wordName: 'SUBJECT', options: ['auth', 'namespace', 'revoke', 'force'] },
  'user delete': { words: 'one', wordName: 'SUBJECT', options: ['namespace'] },
  'user get': { words: 'one', wordName: 'SUBJECT', options: ['namespace', 'all'] },
  'user whois': { words: 'one', wordName: 'UUID:KEY', options: [] },
  'user block': { words: 'some', wordName: 'SUBJECT', options: [] },
  'user unblock': { words: 'some', wordName: 'SUBJECT', options: [] },
  'user list': { words: 'one', wordName: 'NAMESPACE', options: ['pick', 'all', 'key'] },
  'limits set': {
    words: 'one',
    wordName: 'NAMESPACE',
    options: [
      ...(['invocationsPerMinute', 'firesPerMinute', 'concurrentInvocations', 'allowedKinds'] as const),
      ...amounts,
      ...sizes,
      ...(['enableStoreActivations', 'disableStoreActivations'] as const),
    ],
  },
  'limits get': { words: 'one', wordName: 'NAMESPACE', options: [] },
  'limits delete': { words: 'one', wordName: 'NAMESPACE', options: [] },
} as const satisfies Readonly<Record<string, Form>>;

export type CommandName = keyof typeof forms;

export interface CommandLine {
  readonly command: CommandName;
  readonly words: readonly string[];
  /** Those that were given; a number for those that take one, bytes for a size, a list for those that take some. */
  readonly given: Readonly<Partial<Record<OptionName, string | number | boolean | readonly string[]>>>;
}

const numberMax = 1_000_000_000;

const units = { B: 1, KB: 1_024, MB: 1_048_576 } as const;

/** Bytes of `1048576`, `1024 KB` or `1MB`; undefined: it is no size. */
function readSize(text: string): number | undefined {
  const [, digits, unit = 'B'] = /^(\d{1,10}) ?(B|KB|MB)?$/i.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const bytes = Number(digits) * units[unit.toUpperCase() as keyof typeof units];
  return bytes > numberMax ? undefined : bytes;
}

/** `menu`: user or limits. */
export function readCommandLine(menu: string, argv: readonly string[]): CommandLine | string {
  const name = `${menu} ${argv[0] ?? ''}`.trim();
  if (!Object.hasOwn(forms, name))
    return argv[0] === undefined
      ? `${menu} needs a command; see hearth ${menu} --help.`
      : `${menu} has no command "${argv[0]}"; see hearth ${menu} --help.`;
  const command = name as CommandName;
  const form: Form = forms[command];
  const words: string[] = [];
  const given: Record<string, string | number | boolean | readonly string[]> = {};
  const rest = argv.slice(1);
  while (rest.length > 0) {
    const word = rest.shift()!;
    if (!word.startsWith('-')) {
      words.push(word);
      continue;
    }
    const trouble = readOption(word, rest, form, given);
    if (trouble !== undefined) return `${name} ${trouble}; see hearth ${menu} --help.`;
  }
  if (words.length === 0) return `${name} needs ${form.wordName}; see hearth ${menu} --help.`;
  if (form.words === 'one' && words.length > 1) return `${name} takes no "${words[1]}"; see hearth ${menu} --help.`;
  return { command, words, given };
}

/** Puts it into `given`; what is wrong with it, if something is. */
function readOption(
  word: string,
  rest: string[],
  form: Form,
  given: Record<string, string | number | boolean | readonly string[]>,
): string | undefined {
  const [flag = '', attached] = word.startsWith('--') ? word.split(/=(.*)/s, 2) : [word];
  const allowed: readonly OptionName[] = [...form.options, 'data-dir'];
  const name = allowed.find((one) => flag === `--${one}` || flag === options[one].short);
  if (name === undefined) return `takes no ${flag}`;
  const { takes } = options[name];
  if (takes === 'nothing') {
    if (attached !== undefined) return `takes nothing with ${flag}`;
    given[name] = true;
    return undefined;
  }
  const values = attached === undefined ? [] : [attached];
  while (rest.length > 0 && !rest[0]!.startsWith('--') && (takes === 'texts' || values.length === 0))
    values.push(rest.shift()!);
  const [first] = values;
  if (first === undefined) return `needs something after ${flag}`;
  if (takes === 'size') {
    const bytes = readSize(first);
    if (bytes === undefined) return `needs a size after ${flag}, such as 512 KB`;
    given[name] = bytes;
  } else if (takes !== 'number') given[name] = takes === 'texts' ? values : first;
  else if (!/^\d{1,10}$/.test(first) || Number(first) > numberMax) return `needs a whole number after ${flag}`;
  else given[name] = Number(first);
  return undefined;
}
