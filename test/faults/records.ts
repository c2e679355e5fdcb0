// Holds a client's history against the records that the platform keeps and the diary of its actions: every activation id that the client saw
// has exactly one record, and none was run to its end twice.
import type { Guest } from '../support/guest';
import type { Call } from '../support/open-loop';
import { pause, until } from '../support/until';
import type { Diary } from './diary';

interface Summary {
  readonly activationId: string;
  /** 0 = success. */
  readonly statusCode: number;
}

const pageCount = 200;
/** A claim that its owner left behind is taken over, or swept, within this time: see the limits that the cluster is started with. */
const settledWithinMs = 60_000;

/** All records since that moment, page by page. */
async function recordsSince(guest: Guest, sinceMs: number): Promise<Summary[]> {
  const all: Summary[] = [];
  for (;;) {
    const { json } = await guest.call('GET', `activations?since=${sinceMs}&limit=${pageCount}&skip=${all.length}`);
    const page = json as Summary[];
    all.push(...page);
    if (page.length < pageCount) return all;
  }
}

function countById(records: readonly Summary[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { activationId } of records) counts.set(activationId, (counts.get(activationId) ?? 0) + 1);
  return counts;
}

/**
 * Fails unless each id of these calls ends as one record, now and a moment later, what was answered as a success is recorded as one, and what
 * is recorded as one was run to its end, as nothing was twice. Answers how many there were. `sinceMs` is of the calendar, from before the first
 * call.
 */
export async function expectOneRecordEach(
  guest: Guest,
  calls: readonly Call[],
  sinceMs: number,
  diary: Diary,
): Promise<number> {
  const seen = new Map(calls.flatMap((call) => (call.activationId === undefined ? [] : [[call.activationId, call]])));
  const missing = (records: readonly Summary[]): string[] => {
    const counts = countById(records);
    return [...seen.keys()].filter((id) => !counts.has(id));
  };
  await until(
    'every activation id has a record',
    async () => missing(await recordsSince(guest, sinceMs)).length === 0,
    settledWithinMs,
  ).catch(() => undefined); // What is missing is said below.
  await pause(300);
  const records = await recordsSince(guest, sinceMs);
  expect(missing(records)).toEqual([]);
  expect([...countById(records)].filter(([, count]) => count !== 1)).toEqual([]);
  const failed = records.filter(({ activationId, statusCode }) => {
    const call = seen.get(activationId);
    return call?.answer?.status === 200 && call.failure === undefined && statusCode !== 0;
  });
  expect(failed).toEqual([]);
  diary.expectOnce(records.filter(({ statusCode }) => statusCode === 0).map(({ activationId }) => activationId));
  return seen.size;
}
