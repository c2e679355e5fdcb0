// What a line of the tables is: a request, the answer that the contract wants, and the rule that says so.
//
// A table's rows are asked one after another, so that later ones may use what earlier ones made; its `given` come before, and have to succeed.

/** Who asks. `guest` is the owner of what the tables make; `second` is another subject; `system` owns whisk.system. */
export type Asker = 'guest' | 'second' | 'system' | 'limited' | 'nobody';

export interface Asked {
  /** Method and path: below the asker's namespace unless it begins with a slash. {{name}} stands for what an earlier row kept. */
  readonly ask: string;
  /** Default: guest. */
  readonly as?: Asker;
  /** Text and bytes go out as they are, anything else as JSON. Content-Type is application/json unless `with` says another. */
  readonly send?: unknown;
  /** Headers by lower-case names. An empty text leaves out what would be sent by default. */
  readonly with?: Readonly<Record<string, string>>;
  /** Name -> path of the member of the answer that is kept by it. */
  readonly keep?: Readonly<Record<string, string>>;
}

export type Cors = 'api' | 'web' | 'invokers' | 'none';

export interface Answer {
  readonly status: number;
  /** The body is {error, code} with this error, and `code` is the transaction id. */
  readonly error?: string | RegExp;
  /** The whole body. */
  readonly body?: unknown;
  /** Members of the body that have to be so; others may be there. */
  readonly part?: Record<string, unknown>;
  readonly text?: string | RegExp;
  /** undefined as a value: the header is not there. */
  readonly headers?: Readonly<Record<string, unknown>>;
  /** The Access-Control headers: the API's, those of web actions or of /invokers, or none. Default: what R5 says of such an answer. */
  readonly cors?: Cors;
  /** Whether x-openwhisk-activation-id is there. Default: no. */
  readonly ran?: boolean;
}

export interface Row extends Asked, Answer {
  /** What the contract says, shortly. */
  readonly rule: string;
  /** Ask again until the answer is this: for what becomes visible later. */
  readonly soon?: boolean;
}

export interface Table {
  /** Of the contract: "1.4", and corrections "R7". */
  readonly section: string;
  readonly title: string;
  readonly given?: readonly Asked[];
  /** Its rows have to fall into one minute of the clock, and take no longer than this. */
  readonly withinMs?: number;
  readonly rows: readonly Row[];
}

export const nodejs = (code: string, rest: Record<string, unknown> = {}): Record<string, unknown> => ({
  exec: { kind: 'nodejs:20', code },
  ...rest,
});
export const annotated = (members: Record<string, unknown>): { key: string; value: unknown }[] =>
  Object.entries(members).map(([key, value]) => ({ key, value }));
export const echo = nodejs('function main(a) { return a }');

export const malformed = (detail: string): string => `The request content was malformed:\n${detail}`;
export const badQuery = (name: string, detail: string): string =>
  `The query parameter '${name}' was malformed:\n${detail}`;
export const notThere = 'The requested resource does not exist.';
export const noRoute = 'The requested resource could not be found.';
export const noCredentials = 'The resource requires authentication, which was not supplied with the request';
export const badCredentials = 'The supplied authentication is invalid';
export const forbidden = (what: string): string => `The supplied authentication is not authorized to access '${what}'.`;
export const notInCollection = 'Resource by this name exists but is not in this collection.';
export const notAllowed = 'Request defines parameters that are not allowed (e.g., reserved properties).';
