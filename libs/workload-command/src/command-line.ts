// Reads the words after `hearth workload`. Pure: a command, or one sentence that says what is wrong with them.
import { parseArgs } from 'node:util';

export const plotFormats = ['svg', 'png'] as const;
export type PlotFormat = (typeof plotFormats)[number];

export interface RunLine {
  readonly command: 'run';
  readonly file: string;
  readonly apihost: string | undefined;
  readonly auth: string | undefined;
  readonly isInsecure: boolean;
  readonly prefix: string | undefined;
  readonly seed: number | undefined;
  readonly out: string | undefined;
  readonly plots: readonly PlotFormat[];
  readonly callBackListen: string;
  readonly callBackUrl: string | undefined;
  readonly dataDirectory: string | undefined;
  readonly isQuiet: boolean;
}
export interface ReportLine {
  readonly command: 'report';
  readonly file: string;
  readonly out: string | undefined;
  readonly plots: readonly PlotFormat[];
}
export interface MergeLine {
  readonly command: 'merge';
  /** Two or more. */
  readonly files: readonly string[];
  readonly out: string | undefined;
  readonly plots: readonly PlotFormat[];
}
export type CommandLine =
  | RunLine
  | ReportLine
  | { readonly command: 'list'; readonly name: string | undefined }
  | { readonly command: 'compare'; readonly files: readonly [string, string] }
  | MergeLine;

const options = {
  apihost: { type: 'string' },
  auth: { type: 'string' },
  insecure: { type: 'boolean' },
  prefix: { type: 'string' },
  seed: { type: 'string' },
  out: { type: 'string' },
  plots: { type: 'string' },
  'callback-listen': { type: 'string' },
  'callback-url': { type: 'string' },
  'data-dir': { type: 'string' },
  quiet: { type: 'boolean' },
} as const;
type Values = Partial<Record<keyof typeof options, string | boolean>>;

const see = 'see hearth workload --help.';
const wordsOf = { run: ['FILE'], report: ['RESULT'], list: [], compare: ['A', 'B'], merge: ['A', 'B'] } as const;
const optionsOf: Readonly<Record<keyof typeof wordsOf, readonly string[]>> = {
  run: Object.keys(options),
  report: ['out', 'plots'],
  list: [],
  compare: [],
  merge: ['out', 'plots'],
};

/** A sentence if it cannot be understood. */
export function readCommandLine(argv: readonly string[]): CommandLine | string {
  let values: Values;
  let positionals: string[];
  try {
    ({ values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true }));
  } catch (error) {
    const [sentence] = (error as Error).message.split('. ');
    return `${sentence!.replace(/\.$/, '')}; ${see}`;
  }
  const [command = '', ...words] = positionals;
  if (!Object.hasOwn(wordsOf, command))
    return command === '' ? `workload needs a command; ${see}` : `workload has no command "${command}"; ${see}`;
  const name = command as keyof typeof wordsOf;
  const misplaced = Object.keys(values).find((option) => !optionsOf[name].includes(option));
  if (misplaced !== undefined) return `${name} takes no --${misplaced}; ${see}`;
  const wanted: readonly string[] = wordsOf[name];
  if (words.length < wanted.length) return `${name} needs ${wanted.join(' and ')}; ${see}`;
  const extra = name === 'merge' ? undefined : words[name === 'list' ? 1 : wanted.length];
  if (extra !== undefined) return `${name} takes no "${extra}"; ${see}`;
  if (name === 'list') return { command: 'list', name: words[0] };
  if (name === 'compare') return { command: 'compare', files: [words[0]!, words[1]!] };
  const files = readFiles(values);
  if (typeof files === 'string') return files;
  if (name === 'merge') return { command: 'merge', files: words, ...files };
  if (name === 'report') return { command: 'report', file: words[0]!, ...files };
  return readRun({ file: words[0]!, ...files }, values);
}

/** What is written where. */
function readFiles(values: Values): Pick<ReportLine, 'out' | 'plots'> | string {
  const text = (option: keyof Values): string | undefined => values[option] as string | undefined;
  const plots = readPlotFormats(text('plots'));
  return typeof plots === 'string' ? plots : { out: text('out'), plots };
}

/** Of `--plots`; a sentence if there is another one among them. */
export function readPlotFormats(list = ''): PlotFormat[] | string {
  const formats = list.split(',').filter((format) => format !== '');
  const odd = formats.find((format) => !plotFormats.includes(format as PlotFormat));
  return odd === undefined ? (formats as PlotFormat[]) : `--plots is "${odd}"; give svg, png or both with a comma.`;
}

function readRun(files: Pick<ReportLine, 'file' | 'out' | 'plots'>, values: Values): RunLine | string {
  const text = (option: keyof Values): string | undefined => values[option] as string | undefined;
  const seed = text('seed');
  if (seed !== undefined && !(/^\d{1,10}$/.test(seed) && Number(seed) <= 4_294_967_295))
    return `--seed is "${seed}"; give a whole number below 2^32.`;
  const prefix = text('prefix');
  if (prefix !== undefined && !/^[a-z0-9][a-z0-9-]{0,63}$/i.test(prefix))
    return `--prefix is "${prefix}"; use letters, digits and hyphens.`;
  const callBackListen = text('callback-listen') ?? '127.0.0.1:0';
  if (!/^([^\s:/]+|\[[^\s\]]+\]):\d{1,5}$/.test(callBackListen))
    return `--callback-listen is "${callBackListen}"; give host:port.`;
  const callBackUrl = text('callback-url');
  if (callBackUrl !== undefined && !/^ws:\/\/[^\s/]+\/?$/.test(callBackUrl))
    return `--callback-url is "${callBackUrl}"; give ws://host:port.`;
  return {
    command: 'run',
    ...files,
    apihost: text('apihost'),
    auth: text('auth'),
    isInsecure: values.insecure === true,
    prefix,
    seed: seed === undefined ? undefined : Number(seed),
    callBackListen,
    callBackUrl,
    dataDirectory: text('data-dir'),
    isQuiet: values.quiet === true,
  };
}
