// Merges iterators that are each in order into one that is, by a binary heap: the work for one item grows with the logarithm of how many there are. Pure.

interface Head<T> {
  at: number;
  readonly source: number;
  item: T;
  readonly rest: Iterator<T>;
}

const isBefore = <T>(left: Head<T>, right: Head<T>): boolean =>
  left.at < right.at || (left.at === right.at && left.source < right.source);

/** Of two items of the same time that of the earlier source comes first, so that the order does not depend on anything else. */
export function* mergeTimes<T>(sources: readonly Iterable<T>[], timeOf: (item: T) => number): Generator<T> {
  const heap: Head<T>[] = [];
  for (const [source, items] of sources.entries()) {
    const rest = items[Symbol.iterator]();
    const first = rest.next();
    if (!first.done) heap.push({ at: timeOf(first.value), source, item: first.value, rest });
  }
  for (let at = (heap.length >> 1) - 1; at >= 0; at -= 1) sink(heap, at);
  while (heap.length > 0) {
    const head = heap[0]!;
    yield head.item;
    const next = head.rest.next();
    if (next.done) {
      const last = heap.pop()!;
      if (heap.length === 0) return;
      heap[0] = last;
    } else {
      head.item = next.value;
      head.at = timeOf(next.value);
    }
    sink(heap, 0);
  }
}

function sink<T>(heap: Head<T>[], from: number): void {
  const moving = heap[from]!;
  let at = from;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
    if (!isBefore(heap[child]!, moving)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = moving;
}
