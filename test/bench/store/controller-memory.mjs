// What a controller's memory does under load: its own process of a whole platform, while blocking and non-blocking invocations write records and lists are
// read. After a warm-up in which its heap, its caches and its pools take their size, the resident memory is read every second.
import { setTimeout as delay } from 'node:timers/promises';
import { median } from '../figures.mjs';
import { once } from '../load.mjs';
import { Platform, residentMb } from '../platform.mjs';

const perSecond = { blocking: 100, nonBlocking: 20 };
const listEveryMs = 100;
const lists = ['activations', 'activations?name=measured&limit=200', 'activations?docs=true', 'actions'];

/** @returns {Promise<{ earlyMb: number, lateMb: number, mbPerMinute: number, records: number, samplesMb: number[] }>} */
export async function measureControllerMemory(children, { warmUpSeconds, seconds, env = {} }) {
  const platform = await Platform.start(children, env);
  try {
    const blocking = await platform.actions(['measured'], { key: 'blocking' });
    const nonBlocking = await platform.actions(['measured'], { key: 'nonBlocking', query: 'blocking=false' });
    const all = warmUpSeconds + seconds;
    let isOver = false;
    const listing = (async () => {
      for (let n = 0; !isOver; n += 1) {
        await platform.api('GET', lists[n % lists.length]);
        await delay(listEveryMs);
      }
    })();
    const under = (contender) =>
      once(contender, {}, (load) => load.open({ perSecond: perSecond[contender.key], seconds: all }));
    const loads = Promise.all([under(blocking), under(nonBlocking)]).finally(() => (isOver = true));
    const samplesMb = [];
    const { controller } = platform.pids();
    const sampling = (async () => {
      await delay(warmUpSeconds * 1_000);
      while (!isOver) {
        samplesMb.push(residentMb(controller));
        await delay(1_000);
      }
    })();
    await Promise.all([loads, listing, sampling]);
    if (platform.pids().controller !== controller) throw new Error('the controller was started again under load');
    const { activations: records } = await platform.api('GET', 'activations?count=true');
    return { ...trendOf(samplesMb), records, samplesMb };
  } finally {
    await platform.stop();
  }
}

/** Medians of the first and the last quarter, and the median of the slopes between all pairs: what the collector does in between weighs little. */
export function trendOf(samplesMb) {
  const quarter = Math.max(1, samplesMb.length >> 2);
  const slopes = samplesMb.flatMap((early, at) =>
    samplesMb.slice(at + 1).map((late, after) => ((late - early) / (after + 1)) * 60),
  );
  return {
    earlyMb: median(samplesMb.slice(0, quarter)),
    lateMb: median(samplesMb.slice(-quarter)),
    mbPerMinute: median(slopes),
  };
}
