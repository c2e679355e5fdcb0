// The environment of each app: what a program needs to run at all, the documented settings of that app, the limits, and its secrets.
//
// Guarantee: nothing else is passed on. An inherited NODE_OPTIONS or NODE_EXTRA_CA_CERTS would slow every start down, and whatever
// else the user's shell holds (tokens, proxies) is no business of programs that start other people's code.

export const appNames = ['controller', 'scheduler', 'agent'] as const;
export type AppName = (typeof appNames)[number];

/** One row of bin/settings.json. */
export interface Setting {
  readonly name: string;
  /** In words, for the documentation. */
  readonly default?: string;
  /** The apps that get it. */
  readonly apps: readonly AppName[];
  readonly text: string;
}

const basics = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR'];

/** The part of these variables that an app may see. */
export function environmentOf(
  app: AppName,
  settings: readonly Setting[],
  variables: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const names = new Set([...basics, ...settings.filter(({ apps }) => apps.includes(app)).map(({ name }) => name)]);
  const passed = Object.entries(variables).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && entry[1] !== '' && (names.has(entry[0]) || entry[0].startsWith('LIMIT_')),
  );
  return Object.fromEntries(passed);
}
