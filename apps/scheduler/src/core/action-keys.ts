// Action keys that somebody has containers of or waits for, and what there is of each. Containers and demands keep a reference to theirs, so
// that a decision looks a key up once, when its message comes in.
//
// Guarantee: a key is known exactly as long as it has a container, a creation or a demand.
import { Bag } from '#collections';
import { parseActionKey } from '#entity';
import type { Container } from './container';
import type { Demand } from './demand';

export class KeyUse {
  /** All of them but those that are being removed. */
  readonly containers = new Bag<Container>();
  /** Free ones whose owner is connected. */
  readonly free = new Bag<Container>();
  readonly parked = new Bag<Container>();
  readonly demands = new Bag<Demand>();
  /** Of the containers, those that are being made. */
  creating = 0;

  constructor(
    readonly actionKey: string,
    /** Who invokes. */
    readonly namespace: string,
    /** Namespace and name, without the revision. */
    readonly action: string,
    readonly revision: number,
  ) {}
}

function parse(actionKey: string): KeyUse {
  const parts = parseActionKey(actionKey);
  if (!parts) return new KeyUse(actionKey, actionKey, actionKey, 0);
  const { invocationNamespace, fullyQualifiedName, revision } = parts;
  // What is before the revision: a slice copies nothing.
  const action = actionKey.slice(0, invocationNamespace.length + 1 + fullyQualifiedName.length);
  return new KeyUse(actionKey, invocationNamespace, action, revision);
}

export class ActionKeys {
  private readonly byKey = new Map<string, KeyUse>();
  private readonly byAction = new Map<string, Bag<KeyUse>>();

  find(actionKey: string): KeyUse | undefined {
    return this.byKey.get(actionKey);
  }

  /** A new one has to get its first container or demand at once. */
  meet(actionKey: string): KeyUse {
    const known = this.byKey.get(actionKey);
    if (known) return known;
    const use = parse(actionKey);
    this.byKey.set(actionKey, use);
    let revisions = this.byAction.get(use.action);
    if (!revisions) this.byAction.set(use.action, (revisions = new Bag()));
    revisions.add(use);
    return use;
  }

  forgetIfUnused(use: KeyUse): void {
    if (use.containers.size > 0 || use.demands.size > 0) return;
    this.byKey.delete(use.actionKey);
    const revisions = this.byAction.get(use.action);
    if (revisions?.delete(use) && revisions.size === 0) this.byAction.delete(use.action);
  }

  /** Containers of the same action under lower revisions, which are never asked for again. */
  olderThan({ action, revision }: KeyUse): Container[] {
    const revisions = this.byAction.get(action);
    if (!revisions || revisions.size < 2) return [];
    return [...revisions].filter((use) => use.revision < revision).flatMap(({ containers }) => [...containers]);
  }
}
