// `hearth user …`: the verbs, the sentences and the exit codes of wskadmin.
//
// What differs: keys are shown as long as they can be opened with the secret under which they were sealed, since only hashes of them are
// stored; `create -r` gives a new one. A subject ends with its last namespace.
import { isName } from '#entity';
import type { StoredCredential } from '#store';
import type { CommandLine } from './command-line';
import { newKey, newUuid, readCredential } from './credentials';
import type { Administration, Done } from './run-identity';

const subjectLengthMin = 5;
/** What CouchDB, which wskadmin asks, says of a document that is not there. */
const missing = '{"error":"not_found","reason":"missing"}';

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value.trim() : undefined);

export async function createUser({ words, given }: CommandLine, on: Administration): Promise<Done> {
  const subject = words[0]!.trim();
  if (subject.length < subjectLengthMin) return on.refuse('Subject name must be at least 5 characters');
  const wanted = textOf(given.namespace);
  if (wanted === '') return on.refuse('Namespace must not be empty');
  const namespace = wanted ?? subject;
  if (!isName(namespace)) return on.refuse('The namespace contains illegal characters.');
  const auth = textOf(given.auth);
  const credential = auth === undefined ? { uuid: newUuid(), key: newKey() } : readCredential(auth);
  if (typeof credential === 'string') return on.refuse(credential);
  const known = await on.subjects.subject(subject);
  const former = known?.credentials.find((one) => one.namespace === namespace);
  // As in wskadmin, to revoke keeps the uuid, and to force gives a new one.
  const uuid = given.revoke === true && given.force !== true && former ? former.uuid : credential.uuid;
  const text = `${uuid}:${credential.key}`;
  const write = { subject, namespace, uuid, key: credential.key, sealedKey: on.seal?.seal(text) };
  switch (await on.subjects.create(write, given.revoke === true || given.force === true)) {
    case 'exists':
      return on.fail('Namespace already exists');
    case 'blocked':
      return on.fail('The subject you want to edit is blocked');
    case 'uuid-taken':
      return on.fail('authorization id is already in use');
    case 'written':
      on.out(text);
      return on.wrote({ kind: 'subject', name: subject }, { kind: 'namespace', name: namespace });
  }
}

export async function deleteUser({ words, given }: CommandLine, on: Administration): Promise<Done> {
  const subject = words[0]!.trim();
  if (subject === '') return on.refuse('Subject must not be empty');
  const namespace = textOf(given.namespace);
  if (namespace === '') return on.refuse('Namespace must not be empty');
  if ((await on.subjects.subject(subject)) === undefined) return on.fail(`Failed to delete subject (${missing})`);
  const count = await on.subjects.remove(subject, namespace);
  if (namespace === undefined) on.out('Subject deleted');
  else if (count > 0) on.out('Namespace deleted');
  else return on.fail(`Namespace "${namespace}" does not exist for "${subject}"`);
  return on.wrote({ kind: 'subject', name: subject });
}

export async function getUser({ words, given }: CommandLine, on: Administration): Promise<Done> {
  const subject = words[0]!;
  const known = await on.subjects.subject(subject);
  if (known === undefined) return on.fail(`Failed to get subject (${missing})`);
  if (given.all === true) {
    for (const one of known.credentials) on.out(`${one.namespace}\t${shown(one, on)}`);
    return on.done();
  }
  const namespace = textOf(given.namespace) ?? subject;
  const one = known.credentials.find((credential) => credential.namespace === namespace);
  if (one === undefined) return on.fail(`namespace "${namespace}" not found for "${subject}"`);
  const key = opened(one, on);
  if (key !== undefined) {
    on.out(key);
    return on.done();
  }
  return on.fail(
    `the key of "${subject}" for "${namespace}" is not known: only its hash is stored, or it was sealed under another CLUSTER_SECRET; \`hearth user create -r\` makes a new one`,
  );
}

export async function whoisUser({ words }: CommandLine, on: Administration): Promise<Done> {
  const [uuid = '', key = ''] = words[0]!.split(':', 2);
  const identity = await on.subjects.authenticate(uuid, key);
  if (identity === undefined) on.out('Subject id is not recognized');
  else on.out(`subject: ${identity.subject}\nnamespace: ${identity.namespace}`);
  return on.done();
}

export async function listUsers({ words, given }: CommandLine, on: Administration): Promise<Done> {
  const pick = given.pick ?? 1;
  if (pick === 0) return on.refuse('pick at least 1 identity to show');
  const all = await on.subjects.credentialsOf(words[0]!);
  const found = given.all === true ? all : all.slice(0, Number(pick));
  if (found.length === 0) on.out(`no identities found for namespace "${words[0]}"`);
  for (const one of found) on.out(`${shown(one, on)}${given.key === true ? '' : `\t${one.subject}`}`);
  return on.done();
}

/** The exit code is how many could not be. */
export async function blockUsers({ words }: CommandLine, on: Administration, isBlocked: boolean): Promise<Done> {
  const verb = isBlocked ? 'block' : 'unblock';
  let failed = 0;
  for (const subject of words.map((word) => word.trim()).filter((word) => word !== '')) {
    if (await on.subjects.setBlocked(subject, isBlocked)) {
      on.out(`"${subject}" ${verb}ed successfully`);
      await on.wrote({ kind: 'subject', name: subject });
    } else {
      on.out(`Failed to ${verb} "${subject}" (${missing})`);
      failed += 1;
    }
  }
  return failed;
}

function opened({ uuid, sealedKey }: StoredCredential, on: Administration): string | undefined {
  if (sealedKey === undefined || !on.seal) return undefined;
  try {
    const text = on.seal.open(sealedKey);
    return text.startsWith(`${uuid}:`) ? text : undefined;
  } catch {
    return undefined; // Sealed under a secret that has been replaced since.
  }
}

/** The key, or as much of it as is known. */
const shown = (one: StoredCredential, on: Administration): string => opened(one, on) ?? `${one.uuid}:?`;
