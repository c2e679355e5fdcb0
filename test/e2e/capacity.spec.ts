// More at once than fits: 60 invocations of a slow action on a node with room for four containers. All are served, none twice.
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import { until } from '../support/until';

describe('beyond capacity', () => {
  let platform: Platform;
  let guest: Guest;
  beforeAll(async () => {
    platform = await startPlatform({ env: { NODE_MEMORY_MB: '1024' } });
    guest = new Guest(platform);
  });
  afterAll(() => platform.stop());

  it('60 blocking invocations at once: each succeeds and is recorded once', async () => {
    await guest.putAction(
      'slow',
      'function main({ n }) { return new Promise((done) => setTimeout(done, 200, { n, pid: process.pid })) }',
    );
    const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => guest.invoke('slow', { n })));
    expect(answers.map(({ status }) => status)).toEqual(Array(60).fill(200));
    expect(answers.map(({ json }) => json.response.result.n as number)).toEqual(
      Array.from({ length: 60 }, (_, n) => n),
    );
    expect(new Set(answers.map(({ json }) => json.response.result.pid as number)).size).toBeLessThanOrEqual(4);
    expect(new Set(answers.map(({ json }) => json.activationId as string)).size).toBe(60);
    await until('60 records', async () => (await guest.recordCount('slow')) >= 60);
    expect(await guest.recordCount('slow')).toBe(60);
    // The last ones waited, which shows in waitTime and not in duration.
    const waits = answers.map(
      ({ json }) => json.annotations.find(({ key }: { key: string }) => key === 'waitTime').value as number,
    );
    expect(Math.max(...waits)).toBeGreaterThan(1_000);
    const durations = answers.map(({ json }) => json.duration as number);
    expect(Math.max(...durations)).toBeLessThan(Math.max(...waits));
  });

  it('a node full of one action makes room for another', async () => {
    await guest.putAction('other', 'function main() { return { other: true } }');
    const answer = await guest.invoke('other', {}, 'blocking=true&result=true');
    expect([answer.status, answer.json]).toEqual([200, { other: true }]);
  });

  it('a hot action does not starve a rare one', async () => {
    let isOver = false;
    const keepBusy = async (): Promise<number> => {
      let count = 0;
      while (!isOver) {
        expect((await guest.invoke('slow', { n: 0 })).status).toBe(200);
        count++;
      }
      return count;
    };
    const hot = Array.from({ length: 12 }, keepBusy);
    await guest.putAction('rare', 'function main() { return { rare: true } }');
    const began = performance.now();
    const answer = await guest.invoke('rare');
    isOver = true;
    expect(answer.status).toBe(200);
    expect(performance.now() - began).toBeLessThan(10_000);
    await Promise.all(hot);
  });

  it('an action that fits nowhere ends in a sentence, not in silence', async () => {
    const small = await startPlatform({ env: { NODE_MEMORY_MB: '128', LIMIT_OVERFLOW_WAIT_MS: '1000' } });
    try {
      const other = new Guest(small);
      await other.putAction('big', 'function main() { return {} }', { limits: { memory: 512 } });
      const answer = await other.invoke('big');
      expect(answer.status).toBe(503);
      expect(answer.json.error).toBe(
        'The server is currently unavailable (because it is overloaded or down for maintenance).',
      );
    } finally {
      await small.stop();
    }
  });

  it('non-blocking ones beyond capacity all run, each once', async () => {
    await guest.putAction('queued', 'function main({ n }) { return { n } }');
    const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => guest.invoke('queued', { n }, '')));
    expect(answers.map(({ status }) => status)).toEqual(Array(60).fill(202));
    const records = await Promise.all(answers.map(({ json }) => guest.record(json.activationId as string)));
    expect(records.map(({ response }) => response.result.n as number)).toEqual(Array.from({ length: 60 }, (_, n) => n));
    expect(await guest.recordCount('queued')).toBe(60);
  });
});
