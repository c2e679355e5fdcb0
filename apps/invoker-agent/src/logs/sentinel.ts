// The line that ends an activation's output in each stream. Our runtimes put the activation id behind it; foreign images do not.

export const sentinelText = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX';

const sentinel = Buffer.from(sentinelText);
const newline = 10;
const space = 0x20;
const idPattern = /^[0-9a-f]{32}$/;
/** A space and an activation id. */
const stampLength = 33;

/** More than the longest sentinel line: so much at the end of what was read may be the beginning of one. */
export const sentinelRoom = sentinel.length + stampLength + 1;

export interface FoundSentinel {
  /** Where it begins; what is before is output, also without a newline. */
  readonly from: number;
  /** Behind its newline. */
  readonly to: number;
  /** undefined: sentinels here are not stamped. */
  readonly activationId: string | undefined;
}

/** The next whole sentinel line from `at` on, of the form that this container writes. The same text in another form is output. */
export function findSentinel(bytes: Buffer, at: number, isStamped: boolean): FoundSentinel | undefined {
  for (let from = bytes.indexOf(sentinel, at); from >= 0; from = bytes.indexOf(sentinel, from + 1)) {
    const end = from + sentinel.length;
    if (!isStamped) {
      if (bytes[end] === newline) return { from, to: end + 1, activationId: undefined };
      continue;
    }
    if (bytes[end] !== space || bytes[end + stampLength] !== newline) continue;
    const activationId = bytes.toString('latin1', end + 1, end + stampLength);
    if (idPattern.test(activationId)) return { from, to: end + stampLength + 1, activationId };
  }
  return undefined;
}
