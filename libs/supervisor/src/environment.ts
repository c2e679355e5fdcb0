// The environment of each app: what a program needs to run at all, the documented settings of that app, the limits, and its secrets.
//
// Guarantees: the C library's allocator is told to give back what is not used (allocator), unless whoever starts Hearth says otherwise; nothing else is passed on. An inherited NODE_OPTIONS or NODE_EXTRA_CA_CERTS would slow every start down, and whatever
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

/**
 * For glibc; other C libraries ignore it. V8's four threads compile and collect in memory of this allocator, which by default gives each thread a heap of its own and lets each keep what its
 * largest job ever needed: 2 to 3 MB that nobody uses for each thread, reached only after half an hour. Two heaps for all, and what is free at the end of one goes back. Measured: docs/benchmarks.md, `soak`.
 */
export const allocator: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' };

const basics = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', ...Object.keys(allocator)];

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
  return { ...allocator, ...Object.fromEntries(passed) };
}
