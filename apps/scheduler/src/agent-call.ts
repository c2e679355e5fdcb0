// One command under way at an agent: what came of its request.
//
// Guarantees: `ended` is called once; after the time-out nothing of it is written any more. undici's own `request` does the same with a
// stream, a promise and an abort signal for each command, which cost more than the command; with a long time-out the signals pile up.
import type { Dispatcher } from 'undici';

export type Reply = { readonly status: number; readonly text: string } | { readonly error: Error };

export class AgentCall implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined;
  private status = 0;
  private readonly chunks: Buffer[] = [];
  private isOver = false;
  private readonly timer: NodeJS.Timeout;

  constructor(
    timeoutMs: number,
    private readonly ended: (reply: Reply) => void,
  ) {
    this.timer = setTimeout(() => this.fail(new Error(`no answer in ${timeoutMs} ms`)), timeoutMs);
  }

  /** A connection is there; the request is written next, unless it is aborted here. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.isOver) controller.abort(new Error('it is over'));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.status = status;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.over({
      status: this.status,
      text: this.chunks.length === 0 ? '' : Buffer.concat(this.chunks).toString('utf8'),
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.over({ error });
  }

  private fail(error: Error): void {
    this.over({ error });
    if (this.controller?.aborted === false) this.controller.abort(error);
  }

  private over(reply: Reply): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.timer);
    this.ended(reply);
  }
}
