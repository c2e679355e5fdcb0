// Items in ascending order of a number, as a plain array, so that every placement policy can be a function over one. Equals stand in
// no particular order.
//
// Equals form a run, and an item that moves swaps with the end of each run on its way: with a thousand nodes, nearly all of which have
// one of a few amounts of memory left, it is a few swaps, where moving all that lies between would be hundreds.

interface Run {
  readonly key: number;
  begin: number;
  /** Exclusive. */
  end: number;
}

interface Place<T> {
  readonly item: T;
  at: number;
  run: Run;
}

export class SortedList<T> {
  private readonly sorted: T[] = [];
  /** Of `sorted`, beside it. */
  private readonly places: Place<T>[] = [];
  private readonly placeOf = new Map<T, Place<T>>();

  /** Ascending. Valid until the next change. */
  get items(): readonly T[] {
    return this.sorted;
  }

  /** Adds the item, or moves it to its new place. */
  set(item: T, key: number): void {
    let place = this.placeOf.get(item);
    if (!place) {
      place = this.append(item, key);
      if (place.run.key === key) return;
    }
    if (key > place.run.key) this.ascend(place, key);
    else if (key < place.run.key) this.descend(place, key);
  }

  delete(item: T): void {
    const place = this.placeOf.get(item);
    if (!place) return;
    this.ascend(place, Infinity);
    this.placeOf.delete(item);
    this.sorted.pop();
    this.places.pop();
  }

  /** At the end: in its run if the key is the greatest, else in that of the greatest, from which it has to descend. */
  private append(item: T, key: number): Place<T> {
    const at = this.sorted.length;
    const last = this.places[at - 1];
    const run = last && last.run.key >= key ? last.run : { key, begin: at, end: at };
    run.end += 1;
    const place = { item, at, run };
    this.sorted.push(item);
    this.places.push(place);
    this.placeOf.set(item, place);
    return place;
  }

  private ascend(place: Place<T>, key: number): void {
    this.leaveUp(place);
    for (;;) {
      const next = this.places[place.at + 1]?.run;
      if (!next || next.key > key) {
        place.run = { key, begin: place.at, end: place.at + 1 };
        return;
      }
      next.begin -= 1;
      place.run = next;
      if (next.key === key) return;
      this.leaveUp(place);
    }
  }

  private descend(place: Place<T>, key: number): void {
    this.leaveDown(place);
    for (;;) {
      const next = this.places[place.at - 1]?.run;
      if (!next || next.key < key) {
        place.run = { key, begin: place.at, end: place.at + 1 };
        return;
      }
      next.end += 1;
      place.run = next;
      if (next.key === key) return;
      this.leaveDown(place);
    }
  }

  /** To the upper end of its run, and out of it. */
  private leaveUp(place: Place<T>): void {
    place.run.end -= 1;
    this.swap(place, place.run.end);
  }

  private leaveDown(place: Place<T>): void {
    this.swap(place, place.run.begin);
    place.run.begin += 1;
  }

  private swap(place: Place<T>, at: number): void {
    const other = this.places[at]!;
    other.at = place.at;
    place.at = at;
    this.put(other);
    this.put(place);
  }

  private put(place: Place<T>): void {
    this.sorted[place.at] = place.item;
    this.places[place.at] = place;
  }
}
