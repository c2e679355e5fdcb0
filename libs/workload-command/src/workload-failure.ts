// What a user can do something about: one sentence (or one line for each problem of a file), and the exit code.
export class WorkloadFailure extends Error {
  constructor(
    message: string,
    /** 1: not done; 2: not understood. */
    readonly exitCode: 1 | 2 = 1,
  ) {
    super(message);
  }
}
