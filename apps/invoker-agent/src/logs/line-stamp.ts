// Which activation wrote a line: our runtimes say so where several run at a time, since nothing else could tell.
//
// Taken at its word, as the sentinel's stamp is: logs are stored and read by namespace, so that whoever forges one reaches only its own.

const length = 34;
const pattern = /^\x1e[0-9a-f]{32} /;

export interface StampedLine {
  readonly activationId: string;
  readonly text: string;
}

export function stampOf(text: string): StampedLine | undefined {
  // The usual line, told apart by one character.
  if (text.charCodeAt(0) !== 0x1e || !pattern.test(text)) return undefined;
  return { activationId: text.slice(1, length - 1), text: text.slice(length) };
}
