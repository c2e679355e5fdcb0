// Reads the words after `hearth admin`. Pure: a command, or one sentence that says what is wrong with them.
import { parseArgs } from 'node:util';

/** Each command with the names of its words; a list of them where it takes several forms. */
export const commands = {
  status: [],
  nodes: [],
  containers: [],
  actions: [],
  controllers: [],
  demands: [],
  cordon: ['NODE'],
  uncordon: ['NODE'],
  drain: ['NODE'],
  evict: ['CONTAINER'],
  'stem-cells': [],
  'set-stem-cells': ['KIND', 'MEMORY_MB', 'COUNT'],
  'reset-stem-cells': ['KIND', 'MEMORY_MB'],
  'step-down': [],
  watch: [],
} as const satisfies Record<string, readonly string[]>;
export type CommandName = keyof typeof commands;

/** Other words for the same. */
const synonyms: Readonly<Record<string, CommandName>> = { keys: 'actions', return: 'uncordon' };
/** `stem-cells set …` and the like. */
const subcommands: Readonly<Record<string, CommandName>> = {
  'stem-cells list': 'stem-cells',
  'stem-cells set': 'set-stem-cells',
  'stem-cells reset': 'reset-stem-cells',
};

export interface CommandLine {
  readonly command: CommandName;
  readonly words: readonly string[];
  readonly addresses: readonly string[];
  readonly dataDirectory: string | undefined;
  readonly isJson: boolean;
  readonly isWaiting: boolean;
  readonly timeoutMs: number;
  readonly node: string;
  readonly action: string;
}

const optionTypes = {
  address: { type: 'string', multiple: true },
  'data-dir': { type: 'string' },
  json: { type: 'boolean' },
  wait: { type: 'boolean' },
  timeout: { type: 'string' },
  node: { type: 'string' },
  action: { type: 'string' },
} as const;
/** Options that not every command takes. */
const optionsOf: Readonly<Record<string, readonly CommandName[]>> = {
  wait: ['drain'],
  node: ['containers'],
  action: ['containers'],
};

const hostAndPort = /^[^\s:/]+:[1-9]\d{0,4}$|^\[[^\s\]]+\]:[1-9]\d{0,4}$/;
const defaultTimeoutSeconds = 10;

function findCommand(positionals: readonly string[]): { command: CommandName; words: readonly string[] } | string {
  const [first = '', second = ''] = positionals;
  if (first === '') return 'admin needs a command; see hearth admin --help.';
  const sub = subcommands[`${first} ${second}`];
  if (sub) return { command: sub, words: positionals.slice(2) };
  if (Object.hasOwn(synonyms, first)) return { command: synonyms[first]!, words: positionals.slice(1) };
  if (Object.hasOwn(commands, first)) return { command: first as CommandName, words: positionals.slice(1) };
  return `admin has no command "${first}"; see hearth admin --help.`;
}

function wrongWords(command: CommandName, words: readonly string[]): string | undefined {
  const wanted: readonly string[] = commands[command];
  if (words.length < wanted.length) return `${command} needs ${wanted.join(' ')}; see hearth admin --help.`;
  const extra = words[wanted.length];
  if (extra !== undefined) return `${command} takes no "${extra}"; see hearth admin --help.`;
  for (const [at, name] of wanted.entries()) {
    if (words[at] === '') return `${command} needs ${wanted.join(' ')}, and ${name} is empty.`;
    if (!['MEMORY_MB', 'COUNT'].includes(name) || /^\d{1,9}$/.test(words[at]!)) continue;
    return `${name} is "${words[at]}"; give a whole number${name === 'MEMORY_MB' ? ' of megabytes' : ''}.`;
  }
  return undefined;
}

/** A sentence if it cannot be understood. */
export function readCommandLine(argv: readonly string[]): CommandLine | string {
  let parsed: ReturnType<typeof parseArgs<{ options: typeof optionTypes; allowPositionals: true }>>;
  try {
    parsed = parseArgs({ args: [...argv], options: optionTypes, allowPositionals: true });
  } catch (error) {
    const [sentence] = (error as Error).message.split('. ');
    return `${sentence!.replace(/\.$/, '')}; see hearth admin --help.`;
  }
  const { values, positionals } = parsed;
  const found = findCommand(positionals);
  if (typeof found === 'string') return found;
  const { command, words } = found;
  const misplaced = Object.keys(values).find((name) => optionsOf[name] && !optionsOf[name].includes(command));
  if (misplaced !== undefined) return `${command} takes no --${misplaced}; see hearth admin --help.`;
  const addresses = (values.address ?? []).flatMap((list) => list.split(',')).map((address) => address.trim());
  const wrong = addresses.find((address) => !hostAndPort.test(address));
  if (wrong !== undefined) return `--address is "${wrong}"; give host:port of a scheduler's admin port.`;
  const seconds = Number(values.timeout ?? defaultTimeoutSeconds);
  if (!(seconds > 0 && seconds <= 3_600)) return `--timeout is "${values.timeout}"; give seconds, up to 3600.`;
  return (
    wrongWords(command, words) ?? {
      command,
      words,
      addresses,
      dataDirectory: values['data-dir'],
      isJson: values.json ?? false,
      isWaiting: values.wait ?? false,
      timeoutMs: seconds * 1_000,
      node: values.node ?? '',
      action: values.action ?? '',
    }
  );
}
