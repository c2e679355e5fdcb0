// Why a command ended without doing what it was told: one sentence for the operator, exit code 1.
export class AdminFailure extends Error {
  constructor(sentence: string) {
    super(sentence);
    this.name = 'AdminFailure';
  }
}
