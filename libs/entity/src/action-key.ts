// The action key: which containers may run an invocation. Invocation namespace + fully qualified action + revision.
//
// Guarantee: two invocations share a container only if their keys are equal; an updated or re-created action has another
// revision, so its old containers are never used again. Neither names nor namespaces can contain the separators.

export interface ActionKeyParts {
  /** Who invokes, and so whose containers, limits and logs these are. */
  readonly invocationNamespace: string;
  /** namespace[/package]/name of the action. */
  readonly fullyQualifiedName: string;
  /** Grows with every write of the action, and is never used twice for one name. */
  readonly revision: number;
}

/** `guest|guest/hello|7` */
export function actionKey({ invocationNamespace, fullyQualifiedName, revision }: ActionKeyParts): string {
  return `${invocationNamespace}|${fullyQualifiedName}|${revision}`;
}

/**
 * Who invokes and whose the code is: `guest|guest`. A used container is given to another action only if both have this in common. Undefined if
 * the text is no action key.
 */
export function namespacesOf(text: string): string | undefined {
  const parts = parseActionKey(text);
  if (!parts) return undefined;
  const [owner] = parts.fullyQualifiedName.split('/', 1);
  return `${parts.invocationNamespace}|${owner}`;
}

/** Undefined if the text is no action key. */
export function parseActionKey(text: string): ActionKeyParts | undefined {
  const parts = text.split('|');
  const [invocationNamespace, fullyQualifiedName, revision] = parts;
  if (parts.length !== 3 || !invocationNamespace || !fullyQualifiedName || !/^\d+$/.test(revision ?? ''))
    return undefined;
  return { invocationNamespace, fullyQualifiedName, revision: Number(revision) };
}
