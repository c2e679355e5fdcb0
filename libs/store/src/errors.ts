// Everything that a store can refuse, with a stable code. Translated once, at the edge of the app that uses it.

export type StoreErrorCode =
  | 'exists' // put without `replaces` found an entity
  | 'conflict' // another revision is stored than the one named
  | 'unavailable' // the database cannot be reached or is busy beyond its time-out
  | 'corrupt' // a row cannot be read
  | 'newer-schema' // a newer Hearth wrote the database
  | 'closed'; // used after close

export class StoreError extends Error {
  constructor(
    readonly code: StoreErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'StoreError';
  }
}

/**
 * Whether the same request may be taken later although nothing of it changes: the database is away, damaged or closed. Anything else is a
 * defect, or a value that the database refuses and will refuse again.
 */
export function mayPass(error: unknown): error is StoreError {
  return error instanceof StoreError;
}
