// The controller is killed again and again under a load of non-blocking invocations, sequences and conductors among them. Afterwards every
// activation id that anybody could have seen (of a 202, of a `cause`, in the `logs` of a sequence) has exactly one record, and nothing was
// run to its end twice. Same seed, same kills: HEARTH_SEED repeats a run.
import { seededRandom } from '#clock';
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';
import type { Json } from '../support/raw-http';
import { pause, until } from '../support/until';
import { invokeUntil, quickRestarts } from './clients';
import { Diary } from './diary';

const seed = Number(process.env.HEARTH_SEED ?? Date.now() % 1_000_000);
const killCount = 12;
/** Without any answer for so long it is killed all the same: far longer than a start takes on a machine that is busy with other things. */
const impatientMs = 60_000;
const pageCount = 200;
const names = ['leaf', 'pair', 'nest', 'conduct'];

describe(`kills of the controller under compositions (HEARTH_SEED=${seed})`, () => {
  let platform: Platform;
  let guest: Guest;
  let diary: Diary;
  beforeAll(async () => {
    platform = await startPlatform({
      env: quickRestarts,
    });
    guest = new Guest(platform);
    diary = new Diary(platform.dataDir);
    const late = 'new Promise((done) => setTimeout(() => { note(); done({ n, ms }) }, ms))';
    const limits = { timeout: 5_000, memory: 128 };
    await guest.putAction('leaf', `${diary.source} function main({ n, ms }) { return ${late} }`, { limits });
    const sequence = (...components: string[]) => ({ exec: { kind: 'sequence', components } });
    await guest.call('PUT', 'actions/pair', sequence('/_/leaf', '/_/leaf'));
    await guest.call('PUT', 'actions/nest', sequence('/_/leaf', '/_/pair', '/_/leaf'));
    const code =
      "function main({ at = 0, n, ms }) { return at < 2 ? { action: 'pair', params: { n, ms }, state: { at: at + 1 } } : { params: { n, ms } } }";
    await guest.putAction('conduct', code, { limits, annotations: [{ key: 'conductor', value: true }] });
  }, 60_000);
  afterAll(() => platform.stop());

  /** All records, page by page. */
  async function records(): Promise<Json[]> {
    const all: Json[] = [];
    for (;;) {
      const { json } = await guest.call('GET', `activations?docs=true&limit=${pageCount}&skip=${all.length}`);
      const page = json as unknown as Json[];
      all.push(...page);
      if (page.length < pageCount) return all;
    }
  }

  it('every id that was seen ends as exactly one record', async () => {
    const random = seededRandom(seed);
    let isOver = false;
    const seen = new Set<string>();
    let kills = 0;

    const client = (which: number): Promise<void> =>
      invokeUntil(
        () => isOver,
        async (n) => {
          await pause(random() * 60);
          const payload = { n, ms: Math.floor(random() * 60) };
          return guest.invoke(names[(which + n) % names.length]!, payload, which === 0 ? 'blocking=true' : '');
        },
        (id) => seen.add(id),
      );
    // By progress, not by time: a slow machine spends its time on starts.
    const killer = async (): Promise<void> => {
      for (; kills < killCount; kills++) {
        const enough = seen.size + 10 + random() * 30;
        const since = performance.now();
        await until(
          'it has taken some more',
          () =>
            (seen.size > enough || performance.now() - since > impatientMs) && platform.pid('controller') !== undefined,
          2 * impatientMs,
        );
        await pause(random() * 100);
        platform.kill('controller');
      }
      await pause(2_000);
      isOver = true;
    };
    await Promise.all([...Array.from({ length: 4 }, (_, which) => client(which)), killer()]);
    await until('all apps are back', () => platform.record.isReady, 60_000);

    const missingOf = (all: readonly Json[]): string[] => {
      const has = new Set(all.map(({ activationId }) => activationId as string));
      const named = all.flatMap(({ cause, logs, annotations }) => {
        const isComposition = (annotations as { key: string }[]).some(({ key }) => key === 'topmost');
        return [...(cause === undefined ? [] : [cause as string]), ...(isComposition ? (logs as string[]) : [])];
      });
      return [...new Set([...seen, ...named])].filter((id) => !has.has(id));
    };
    const all = await until(
      'nothing is missing',
      async () => {
        const found = await records();
        return missingOf(found).length === 0 && found;
      },
      120_000,
    ).catch(() => records());
    expect(missingOf(all)).toEqual([]);
    const counts = new Map<string, number>();
    for (const { activationId } of all)
      counts.set(activationId as string, (counts.get(activationId as string) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count !== 1)).toEqual([]);
    const succeeded = all.filter(({ name, response }) => name === 'leaf' && (response as Json).success === true);
    diary.expectOnce(succeeded.map(({ activationId }) => activationId as string));
    const lost = all.filter(({ response }) => (response as Json).status === 'whisk internal error').length;
    console.log(`${kills} kills, ${seen.size} ids answered, ${all.length} records, ${lost} of them lost`);
    expect(seen.size).toBeGreaterThan(10 * killCount);
    for (const name of names) {
      const answer = await guest.invoke(name, { n: -1, ms: 0 }, 'blocking=true&result=true');
      expect([answer.status, answer.json]).toEqual([200, { n: -1, ms: 0 }]);
    }
  }, 1_200_000);
});
