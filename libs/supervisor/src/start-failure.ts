// A start that cannot succeed, told as one sentence: what was tried, what was found, what to do.

export class StartFailure extends Error {
  constructor(
    sentence: string,
    /** Whether the user has read it already, because the app that failed wrote it. */
    readonly isTold = false,
  ) {
    super(sentence);
    this.name = 'StartFailure';
  }
}
