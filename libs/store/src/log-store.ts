// The seam of activation logs. Written by agents, read by controllers; rows carry the invocation namespace of the container's note, so that
// a forged activation id reaches only its forger's own namespace.

export interface LogRow {
  readonly namespace: string;
  readonly activationId: string;
  /** Lines in OpenWhisk's format, in order: `2024-01-01T00:00:00.123456789Z stdout: hi`. */
  readonly lines: readonly string[];
}

export interface LogStore {
  /** Appends; one transaction. Several rows for one activation are read back in the order in which they were written. */
  append(rows: readonly LogRow[]): Promise<void>;
  /** [] if there are none (yet). */
  read(namespace: string, activationId: string): Promise<string[]>;
}
