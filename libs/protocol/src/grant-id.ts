// A grant id names one grant of one container: "<epoch>.<counter>". It only grows, across leaders too, because the epoch
// strictly grows with every leader and the counter within it. Agents refuse a bind whose grant id is not greater than the noted one.

export function grantId(epoch: bigint, counter: number): string {
  return `${epoch}.${counter}`;
}

/** Undefined if the text is no grant id. */
export function parseGrantId(text: string): { epoch: bigint; counter: number } | undefined {
  const match = /^(\d{1,19})\.(\d{1,15})$/.exec(text);
  return match ? { epoch: BigInt(match[1]!), counter: Number(match[2]) } : undefined;
}

/** Negative if left is older, 0 if equal, positive if newer. Anything is newer than no grant id; ill-formed ones are the oldest. */
export function compareGrantIds(left: string | undefined, right: string | undefined): number {
  const a = left === undefined ? undefined : parseGrantId(left);
  const b = right === undefined ? undefined : parseGrantId(right);
  if (!a || !b) return Number(a !== undefined) - Number(b !== undefined);
  if (a.epoch !== b.epoch) return a.epoch < b.epoch ? -1 : 1;
  return a.counter - b.counter;
}
