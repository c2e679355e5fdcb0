// What waits for a stream that does not read, and in which order it leaves.
import type { shareStates } from '#protocol';
import { Outbox } from './outbox';

type Body = NonNullable<shareStates.SchedulerMessage['body']>;

const reclaim = (containerId: string): Body => ({
  $case: 'reclaim',
  value: { containerId, grantId: '1.1', deadlineMs: 100 },
});
const denied = (actionKey: string, reason: string): Body => ({ $case: 'denied', value: { actionKey, reason } });

function all(outbox: Outbox): { number: number; body: Body | undefined }[] {
  const taken: { number: number; body: Body | undefined }[] = [];
  for (let message = outbox.take(); message; message = outbox.take())
    taken.push({ number: message.number, body: message.body });
  return taken;
}

describe('an outbox', () => {
  it('numbers messages as they leave, in the order in which they came', () => {
    const outbox = new Outbox(3n);
    outbox.put(reclaim('a'));
    expect(all(outbox)).toEqual([{ number: 1, body: reclaim('a') }]);
    for (const id of ['b', 'c', 'd']) outbox.put(reclaim(id));
    expect(outbox.size).toBe(3);
    expect(all(outbox)).toEqual(['b', 'c', 'd'].map((id, at) => ({ number: at + 2, body: reclaim(id) })));
    expect([outbox.size, outbox.take()]).toEqual([0, undefined]);
  });

  it.each([1, 2])('keeps of one subject the newest only, which goes behind the others: message %i', (which) => {
    const outbox = new Outbox(3n);
    const keys = ['k1', 'k2', 'k3'];
    for (const key of keys) outbox.put(denied(key, 'old'));
    const again = keys[which - 1]!;
    outbox.put(denied(again, 'new'));
    expect(outbox.size).toBe(3);
    const left = keys.filter((key) => key !== again).map((key) => denied(key, 'old'));
    expect(all(outbox).map(({ body }) => body)).toEqual([...left, denied(again, 'new')]);
  });

  it('tells whoever wants to know under which number a message left, and nobody of one that was replaced', () => {
    const outbox = new Outbox(3n);
    const left: string[] = [];
    for (const text of ['first', 'second']) outbox.put(reclaim('a'), (number) => left.push(`${text} ${number}`));
    outbox.put(reclaim('b'), (number) => left.push(`b ${number}`));
    all(outbox);
    expect(left).toEqual(['second 1', 'b 2']);
  });
});
