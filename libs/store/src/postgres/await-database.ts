// Waits for a database that is not there yet: whoever starts a cluster starts its parts in any order.
//
// Guarantees: an attempt that fails because nobody can be reached is made again, each time later, until the wait is over; every other failure
// ends it at once. What is waited for is said once.
import { systemClock } from '#clock';
import { StoreError } from '../errors';
import { isForGood } from './postgres-errors';

const againMs = 200;
const againMostMs = 2_000;

export async function awaitDatabase(
  place: string,
  waitMs: number,
  say: (sentence: string) => void,
  attempt: () => Promise<void>,
): Promise<void> {
  const until = systemClock.now() + waitMs;
  for (let pauseMs = againMs; ; pauseMs = Math.min(againMostMs, 2 * pauseMs)) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'unavailable') throw error;
      const reason = error.message.replace(/^the database cannot do it now: /, '').replace(/\.+$/, '');
      if (isForGood(error)) throw refusal(place, `${reason}; change DATABASE_URL or what the server allows.`, error);
      if (systemClock.now() + pauseMs > until) {
        throw refusal(place, `${reason}; start PostgreSQL, or point DATABASE_URL to where it is.`, error);
      }
      if (pauseMs === againMs) say(`the database ${place} cannot be used yet: ${reason}; waiting for it`);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

function refusal(place: string, reason: string, cause: Error): StoreError {
  return new StoreError('unavailable', `cannot use the database ${place}: ${reason}`, { cause });
}
