// Non-blocking invocations of one action, a few at any time, from a client that keeps the ids that it was given.
//
// Guarantee: afterwards `expectOneRecordEach` fails unless every id that was answered with 202 has one record, no record is of a run that did not
// happen, and nothing was run twice by a platform that promises at most one run.
import { setTimeout as delay } from 'node:timers/promises';
import { Diary } from '../faults/diary';
import type { Guest } from '../support/guest';
import { until } from '../support/until';

const atOnceCount = 4;
const pageCount = 200;

interface Summary {
  readonly activationId: string;
  readonly statusCode: number;
}

export class NonBlockingLoad {
  private readonly accepted: string[] = [];
  private readonly diary: Diary;
  private sinceMs = 0;

  constructor(
    private readonly guest: Guest,
    folder: string,
  ) {
    this.diary = new Diary(folder);
  }

  async putAction(): Promise<void> {
    const code = `${this.diary.source} function main({ n }) { note(); return { n } }`;
    this.sinceMs = Date.now();
    await this.guest.putAction('noted', code, { limits: { timeout: 5_000 } });
  }

  /** Invokes for as long as this takes. What is refused is no matter: only what is accepted counts. */
  async under(faults: () => Promise<void>): Promise<void> {
    let isOver = false;
    const invoke = async (): Promise<void> => {
      for (let n = 0; !isOver; n += 1) {
        const answer = await this.guest.invoke('noted', { n }, 'blocking=false').catch(() => undefined);
        if (answer?.status === 202) this.accepted.push((answer.json as { activationId: string }).activationId);
        await delay(answer?.status === 202 ? 2 : 50);
      }
    };
    const clients = Array.from({ length: atOnceCount }, invoke);
    await faults().finally(() => (isOver = true));
    await Promise.all(clients);
  }

  /** Answers how many were accepted. */
  async expectOneRecordEach(): Promise<number> {
    const missing = (records: readonly Summary[]): string[] => {
      const stored = new Set(records.map(({ activationId }) => activationId));
      return this.accepted.filter((id) => !stored.has(id));
    };
    const complete = async (): Promise<boolean> => missing(await this.records()).length === 0;
    // What is missing is said below.
    await until('every accepted id has a record', complete, 60_000).catch(() => undefined);
    const records = await this.records();
    expect(missing(records)).toEqual([]);
    expect(records).toHaveLength(new Set(records.map(({ activationId }) => activationId)).size);
    this.diary.expectOnce(records.filter(({ statusCode }) => statusCode === 0).map(({ activationId }) => activationId));
    return this.accepted.length;
  }

  private async records(): Promise<Summary[]> {
    const all: Summary[] = [];
    for (;;) {
      const path = `activations?name=noted&since=${this.sinceMs}&limit=${pageCount}&skip=${all.length}`;
      const answer = await this.guest.call('GET', path).catch(() => undefined);
      if (answer?.status !== 200) return all;
      const page = answer.json as Summary[];
      all.push(...page);
      if (page.length < pageCount) return all;
    }
  }
}
