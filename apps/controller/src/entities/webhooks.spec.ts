// What many requests at once make of the bound on wrong tokens; the rest is tried over HTTP (rest/webhooks.spec.ts).
import { createHash } from 'node:crypto';
import { ManualClock } from '#clock';
import type { EntityName } from '#entity';
import { defaultLimits } from '#limits';
import { InProcessInvalidation } from './cache-invalidation';
import type { Triggers } from './triggers';
import { Webhooks } from './webhooks';

const limit = 5;
const token = 'A'.repeat(43);
const digest = createHash('sha256').update(token).digest('base64');

function make() {
  const looks: string[] = [];
  const triggers = {
    peek: ({ name }: EntityName) => {
      looks.push(name);
      const webhook = name.startsWith('hooked') ? { digest, headers: [] } : undefined;
      return new Promise((resolve) => setImmediate(() => resolve({ document: { webhook } })));
    },
  } as unknown as Triggers;
  const limits = { ...defaultLimits, webhookWrongTokensPerMinute: limit };
  return { looks, webhooks: new Webhooks(triggers, limits, new ManualClock(), new InProcessInvalidation()) };
}

it('lets no more guesses at once through to the store than one after the other', async () => {
  const { looks, webhooks } = make();
  const guesses = Array.from({ length: 3 * limit }, (_, at) => webhooks.opened('guest', `x${at}`, token, 'here'));
  const ends = await Promise.allSettled(guesses);
  expect(ends.map(({ status }) => status).sort()).toEqual([
    ...Array<string>(limit).fill('fulfilled'),
    ...Array<string>(2 * limit).fill('rejected'),
  ]);
  expect(looks).toHaveLength(limit);
  expect(await webhooks.opened('guest', 'hooked', token, 'elsewhere')).toBeDefined();
});

it('counts nothing against whoever has the right token, however many come at once', async () => {
  const { webhooks } = make();
  const opened = () =>
    Promise.all(Array.from({ length: 3 * limit }, () => webhooks.opened('guest', 'hooked', token, 'here')));
  expect((await opened()).every((hooked) => hooked !== undefined)).toBe(true);
  for (let at = 0; at < 2 * limit; at += 1)
    expect(await webhooks.opened('guest', `hooked${at}`, token, 'here')).toBeDefined();
});
