// One forwarded invocation under way, from the side that forwards: what comes of the request is one of kept, refused and lost.
//
// Guarantees: `ended` is called once; the request is written once, whatever happens to its connection; it is `refused` only if nothing was
// written, or if the other side said so.
import type { Dispatcher } from 'undici';
import { readAnswer } from './forward-format';

export type ForwardOutcome = ReturnType<typeof readAnswer> & {
  /** For the log, unless the invocation is kept. */
  readonly why: string;
};

export class ForwardCall implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined;
  private status = 0;
  private readonly chunks: Buffer[] = [];
  private isOver = false;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly activationId: string,
    timeoutMs: number,
    private readonly ended: (outcome: ForwardOutcome) => void,
  ) {
    this.timer = setTimeout(() => this.fail(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
  }

  /** A connection is there; the request is written next, unless it is aborted here. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    const isAgain = this.controller !== undefined;
    this.controller = controller;
    if (isAgain || this.isOver) controller.abort(new Error('the request is written once'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.status = status;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    const text = Buffer.concat(this.chunks).toString('utf8');
    this.over({ ...readAnswer(this.activationId, this.status, text), why: `status ${this.status}` });
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.fail(error);
  }

  private fail(error: Error): void {
    this.over({ end: this.controller ? 'lost' : 'refused', why: error.message });
    if (this.controller?.aborted === false) this.controller.abort(error);
  }

  private over(outcome: ForwardOutcome): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.timer);
    this.ended(outcome);
  }
}
