// What the user reads once Hearth is ready: how to reach it, what it does not protect, and one command to try.

/** OpenWhisk's development setup seeds this credential for the namespace `guest`; tools and tests hard-code it. */
export const guestCredential =
  '23bc46b1-71f6-4ed5-8c54-816aa4f8c502:123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP';

export interface ReadyFacts {
  readonly version: string;
  /** http://host:port */
  readonly apiHost: string;
  readonly kinds: string;
  /** What makes the containers, as its agent says. */
  readonly driver: string;
  readonly dataDirectory: string;
  /** Since the process began. */
  readonly tookMs: number;
  /** host:port of everything that listens for clients. */
  readonly listens: readonly string[];
  /** The guest's limits as the controller states them; undefined: there is no guest. */
  readonly limits: string | undefined;
  /** Lines of their own: name and text. */
  readonly more?: readonly (readonly [string, string])[];
}

const loopback = /^(127\.[\d.]+|localhost|\[::1\]):/;

/** One line for a shell: creates an action and invokes it. */
export function commandToTry(apiHost: string): string {
  const action = `${apiHost}/api/v1/namespaces/_/actions/hello`;
  const call = `-s -u ${guestCredential} -H 'Content-Type: application/json'`;
  const code = 'function main({ name }) { return { greeting: `Hello, ${name}!` } }';
  const definition = JSON.stringify({ exec: { kind: 'nodejs:20', code } });
  return [
    `curl ${call} -o /dev/null -X PUT '${action}?overwrite=true' -d '${definition}'`,
    `--next ${call} -X POST '${action}?blocking=true&result=true' -d '{"name":"world"}'`,
  ].join(' ');
}

const isolation = (driver: string): string =>
  driver === 'process'
    ? 'none: the process driver runs actions as programs of your user, so run only code that you trust'
    : `containers of ${driver}, hardened: see docs/operations.md`;

/** Width of the names on the left. */
const nameLength = 12;

function credentialText(hasGuest: boolean, isLocal: boolean): string {
  const known = "OpenWhisk's public development credential, known to everybody";
  if (!hasGuest)
    return `none: ${known}, is not made where others can connect; DEVELOPMENT_SUBJECTS=true makes it all the same`;
  const reach = isLocal
    ? 'only this machine can connect'
    : 'THIS ADDRESS IS NOT LOOPBACK: whoever reaches it can run code here';
  return `${guestCredential}\n              ${known}; ${reach}`;
}

export function readyText({
  version,
  apiHost,
  kinds,
  driver,
  dataDirectory,
  tookMs,
  listens,
  limits,
  more = [],
}: ReadyFacts): string {
  const hasGuest = limits !== undefined;
  const isLocal = listens.every((address) => loopback.test(address));
  const toTry = hasGuest ? `\nCreate an action and invoke it:\n\n${commandToTry(apiHost)}\n` : '';
  return `
Hearth ${version} is ready after ${(tookMs / 1_000).toFixed(1)} s.

  API host    ${apiHost}
  credential  ${credentialText(hasGuest, isLocal)}
  isolation   ${isolation(driver)}
  limits      ${limits ?? 'of each namespace'}
  kinds       ${kinds}
  data        ${dataDirectory}
${more.map(([name, text]) => `  ${name.padEnd(nameLength)}${text}\n`).join('')}${toTry}
Ctrl-C stops everything.
`;
}
