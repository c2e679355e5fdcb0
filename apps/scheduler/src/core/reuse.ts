// Reuse across actions: which used containers may be wiped and then run another action. Off unless kinds are given.
//
// Guarantee: two action keys share a shelf only if one namespace invokes both, one namespace owns the code of both, and their containers are
// alike in kind, memory and concurrency. A container of a user's own image is on none.
import { namespacesOf } from '#entity';

interface Shape {
  readonly kind: string;
  readonly image: string | undefined;
  readonly memoryMb: number;
  readonly concurrency: number;
}

export class Reuse {
  constructor(
    /** Whose runtimes leave nothing outside of what a wipe takes away; undefined: nothing is reused. */
    private readonly kinds: ReadonlySet<string> | undefined,
  ) {}

  /** Containers on one shelf may be wiped for each other's actions; undefined: never. */
  shelfOf({ kind, image, memoryMb, concurrency }: Shape, actionKey: string): string | undefined {
    if (this.kinds === undefined || image !== undefined || !this.kinds.has(kind)) return undefined;
    const namespaces = namespacesOf(actionKey);
    return namespaces && `${namespaces}|${kind}|${memoryMb}|${concurrency}`;
  }
}
