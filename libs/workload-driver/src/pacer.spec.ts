import { systemClock } from '#clock';
import { Pacer, type Timed, timerSlackMs } from './pacer';

describe('a pacer', () => {
  it.each([timerSlackMs, 0])('sends each once, in order, never early, with %d ms of slack', async (slackMs) => {
    const items = Array.from({ length: 300 }, (_, n) => ({ n, atMs: Math.floor(n / 3) * 2 }));
    const sent: { n: number; earlyMs: number }[] = [];
    const originMs = systemClock.now();
    await new Promise<void>((done) => {
      const send = ({ n, atMs }: { n: number; atMs: number }): void =>
        void sent.push({ n, earlyMs: originMs + atMs - systemClock.now() });
      new Pacer(items[Symbol.iterator](), originMs, systemClock, send, done, slackMs);
    });
    expect(sent.map(({ n }) => n)).toEqual(items.map(({ n }) => n));
    expect(Math.max(...sent.map(({ earlyMs }) => earlyMs))).toBeLessThanOrEqual(0);
  });

  it('lets others in when it is behind, and stops', async () => {
    const endless = (function* (): Generator<Timed> {
      for (;;) yield { atMs: 0 };
    })();
    let sent = 0;
    const pacer: Pacer<Timed> = new Pacer(
      endless,
      systemClock.now(),
      systemClock,
      () => (sent += 1),
      () => undefined,
    );
    // One turn sends 64: whoever waits here is let in between two of them, however slow the machine is.
    while (sent <= 64) await new Promise((done) => setTimeout(done, 1));
    pacer.stop();
    const before = sent;
    await new Promise((done) => setTimeout(done, 20));
    expect(sent).toBe(before);
  });
});
