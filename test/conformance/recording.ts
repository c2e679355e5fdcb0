// What was recorded of a real OpenWhisk: requests, and the answers that it gave to them, to be replayed from top to bottom on an empty
// namespace, since later requests use what earlier ones made.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface RecordedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** One of these says what the body was. Large ones were recorded by their keys only. */
  readonly body?: unknown;
  readonly bodyBase64?: string;
  readonly bodyKeys?: readonly string[];
  readonly error?: string;
  readonly text?: string;
}

export interface RecordedCase {
  readonly group: string;
  readonly name: string;
  readonly request: RecordedRequest;
  readonly response: RecordedAnswer;
  /** Variable name -> path of the member whose value it gets. */
  readonly capture?: Readonly<Record<string, string>>;
  /** Ask again until the answer has this status (and text), for what becomes visible later. */
  readonly poll?: { readonly status: number; readonly maxMs?: number; readonly contains?: string };
  readonly waitBeforeMs?: number;
}

export const idOf = ({ group, name }: RecordedCase): string => `${group}/${name}`;

export function readRecording(groups: readonly string[], file = 'openwhisk.json'): RecordedCase[] {
  const all = JSON.parse(readFileSync(join(__dirname, 'golden', file), 'utf8')) as RecordedCase[];
  return all.filter(({ group }) => groups.includes(group));
}

export interface Difference {
  /** Why we answer differently on purpose. */
  readonly reason: string;
  /** What the comparison says of it, every line, with placeholders as in the recording: nothing else may differ. */
  readonly complaints: readonly string[];
}

/** By `group/name`. */
export function readDifferences(): Readonly<Record<string, Difference>> {
  return JSON.parse(readFileSync(join(__dirname, 'differences.json'), 'utf8')) as Record<string, Difference>;
}
