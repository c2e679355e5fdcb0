// Reads invocation counts per minute in the layout of the public Azure 2019 trace: HashOwner, HashApp, HashFunction, Trigger, then a column for each
// minute, headed by its number. Pure.
//
// Guarantees: what is not a count is refused with its line and column; what is missing (an empty field, a row that ends early, a minute that has no
// column) counts as 0 and is counted as a hole, so that nobody takes a lost minute for a quiet one.

export interface CountedFunction {
  readonly owner: string;
  readonly app: string;
  readonly name: string;
  readonly trigger: string;
  readonly counts: readonly number[];
  readonly total: number;
}
export interface InvocationCounts {
  readonly functions: readonly CountedFunction[];
  readonly minutes: number;
  /** Fields that should have a count and have none. */
  readonly holes: number;
}
export interface CountsProblem {
  readonly line: number;
  readonly sentence: string;
}

const named = ['HashOwner', 'HashApp', 'HashFunction', 'Trigger'];

/** The functions in the order of the file, or the first problem. */
export function readInvocationCounts(text: string): InvocationCounts | CountsProblem {
  const lines = text.split(/\r?\n/);
  const header = lines[0]?.split(',').map((field) => field.trim()) ?? [];
  const wrong = named.find((name, at) => header[at] !== name);
  if (wrong !== undefined)
    return { line: 1, sentence: `has no column ${wrong}; the layout is ${named.join(',')},1,2,…` };
  const minuteOf = header.slice(named.length).map(Number);
  const odd = minuteOf.findIndex(
    (minute, at) => !Number.isInteger(minute) || minute < 1 || minute <= (minuteOf[at - 1] ?? 0),
  );
  if (odd !== -1)
    return {
      line: 1,
      sentence: `column ${named.length + odd + 1} is "${header[named.length + odd]}"; give the number of a minute, in order`,
    };
  if (minuteOf.length === 0) return { line: 1, sentence: 'has no minutes' };
  const minutes = minuteOf[minuteOf.length - 1]!;
  const functions: CountedFunction[] = [];
  let holes = 0;
  for (const [at, line] of lines.entries()) {
    if (at === 0 || line.trim() === '') continue;
    const [owner = '', app = '', name = '', trigger = '', ...fields] = line.split(',');
    if (fields.length > minuteOf.length)
      return { line: at + 1, sentence: `has ${fields.length} counts for ${minuteOf.length} minutes` };
    const counts = new Array<number>(minutes).fill(0);
    // A minute without a column is a hole in every row.
    holes += minutes - minuteOf.length;
    let total = 0;
    for (const [column, minute] of minuteOf.entries()) {
      const field = fields[column]?.trim() ?? '';
      if (field === '') {
        holes += 1;
        continue;
      }
      if (!/^\d{1,9}$/.test(field))
        return { line: at + 1, sentence: `minute ${minute} is "${field}"; give a whole number` };
      total += counts[minute - 1] = Number(field);
    }
    functions.push({ owner, app, name, trigger, counts, total });
  }
  return functions.length === 0 ? { line: 1, sentence: 'has no functions' } : { functions, minutes, holes };
}

export const isCountsProblem = (read: InvocationCounts | CountsProblem): read is CountsProblem => 'sentence' in read;
