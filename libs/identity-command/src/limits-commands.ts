// `hearth limits …`: the verbs, the sentences and the exit codes of wskadmin.
import { isName, type NamespaceLimits } from '#entity';
import { amounts, type CommandLine, sizes } from './command-line';
import type { Administration, Done } from './run-identity';

const missing = '{"error":"not_found","reason":"missing"}';

/** Those of wskadmin in its order, then the others. */
const names = [
  'invocationsPerMinute',
  'firesPerMinute',
  'concurrentInvocations',
  'allowedKinds',
  'storeActivations',
  ...amounts,
  ...sizes,
] as const satisfies readonly (keyof NamespaceLimits)[];

export async function setLimits({ words, given }: CommandLine, on: Administration): Promise<Done> {
  const namespace = words[0]!;
  if (!isName(namespace)) return on.refuse('The namespace contains illegal characters.');
  const stored =
    given.enableStoreActivations === true ? true : given.disableStoreActivations === true ? false : undefined;
  const wanted = { ...given, storeActivations: stored };
  // What is not given stays.
  const limits: Record<string, unknown> = { ...(await on.subjects.limitsOf(namespace)) };
  for (const name of names) if (wanted[name] !== undefined) limits[name] = wanted[name];
  const crossed = ['Memory', 'Logs', 'Timeout', 'Concurrency'].find(
    (what) => Number(limits[`minAction${what}`] ?? 0) > Number(limits[`maxAction${what}`] ?? Infinity),
  );
  if (crossed !== undefined) return on.refuse(`minAction${crossed} is more than maxAction${crossed}.`);
  await on.subjects.setLimits(namespace, limits as NamespaceLimits);
  on.out(`Limits successfully set for "${namespace}"`);
  return on.wrote({ kind: 'namespace', name: namespace });
}

/** As Python prints it, in which wskadmin is written. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => `'${String(item)}'`).join(', ')}]`;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return String(value);
}

export async function getLimits({ words }: CommandLine, on: Administration): Promise<Done> {
  const limits = await on.subjects.limitsOf(words[0]!);
  if (limits === undefined) return on.fail('No limits found, default system limits apply');
  const isSize = (name: string): boolean => (sizes as readonly string[]).includes(name);
  for (const name of names)
    if (limits[name] !== undefined) on.out(`${name} = ${shown(limits[name])}${isSize(name) ? ' B' : ''}`);
  return on.done();
}

export async function deleteLimits({ words }: CommandLine, on: Administration): Promise<Done> {
  const namespace = words[0]!;
  if (!(await on.subjects.removeLimits(namespace))) return on.fail(`Failed to delete limits (${missing})`);
  on.out('Limits deleted');
  return on.wrote({ kind: 'namespace', name: namespace });
}
