// A collection in the order in which things came, for what comes and goes many thousands of times: each keeps its link, and leaves by it.
//
// Guarantee: nothing that has left is reachable from here, and nothing here from what has left. A Map or Set leaves its old tables behind as it is
// filled, each of which points to the next: one that has grown old keeps all after it, and what was in them, from being collected young.

export class Link<T> {
  before: Link<T> | undefined = undefined;
  after: Link<T> | undefined = undefined;

  constructor(
    private chain: Chain<T> | undefined,
    readonly item: T,
  ) {}

  /** Harmless when it has left. */
  remove(): void {
    this.chain?.unlink(this);
    this.chain = undefined;
  }
}

export class Chain<T> {
  private head: Link<T> | undefined;
  private tail: Link<T> | undefined;

  get first(): T | undefined {
    return this.head?.item;
  }

  add(item: T): Link<T> {
    const link = new Link(this, item);
    link.before = this.tail;
    if (this.tail) this.tail.after = link;
    else this.head = link;
    this.tail = link;
    return link;
  }

  /** As they are now. */
  all(): T[] {
    const items: T[] = [];
    for (let link = this.head; link; link = link.after) items.push(link.item);
    return items;
  }

  /** All of them, which leave. */
  takeAll(): T[] {
    const items = this.all();
    while (this.head) this.head.remove();
    return items;
  }

  /** For links. */
  unlink(link: Link<T>): void {
    const { before, after } = link;
    if (before) before.after = after;
    else this.head = after;
    if (after) after.before = before;
    else this.tail = before;
    link.before = link.after = undefined;
  }
}
