// What a controller told and had not stored when it was killed, and never started again: another one of its data directory stores it.
import { pause, until } from '../support/until';
import { one, two, TwoControllers } from './two-controllers';

describe('the journals of two controllers', () => {
  let cluster: TwoControllers;
  beforeEach(async () => {
    const slowToStore = { LIMIT_RECORD_BATCH_MS: '600000' };
    cluster = await TwoControllers.start({ LIMIT_SWEEP_INTERVAL_MS: '100' }, slowToStore);
  });
  afterEach(() => cluster.stop());

  const isRecorded = async (id: string): Promise<boolean> =>
    (await cluster.guest(one).call('GET', `activations/${id}`)).status === 200;

  it('has the record that a dead one told readable from the other, and leaves the journal of a frozen one alone', async () => {
    await cluster.warm(two, 'told');
    const told = (await cluster.guest(two).invoke('told')).json.activationId as string;
    cluster.controllers[two].signal('SIGSTOP');
    await pause(500);
    expect(await isRecorded(told)).toBe(false);
    await cluster.controllers[two].end('SIGKILL');
    await until('the other stores it', () => isRecorded(told));
    await until('nothing is left of its journal', () => cluster.journalFiles(two).length === 0);
    expect(cluster.journalFiles(one)).toContainEqual(expect.stringMatching(/\.lock$/));
  });
});
