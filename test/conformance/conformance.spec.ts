// Replays what a real OpenWhisk answered, case by case, against a platform with an empty namespace: one that is started for it, or the
// one at CONFORMANCE_API_HOST.
//
// Guarantee: nothing is skipped. A case passes if status, recorded headers and body agree, or if differences.json says why they do not
// and every complaint is one that stands there; a difference that is listed but has gone fails the suite, so that the list stays true.
import { type Platform, startPlatform } from '../support/platform';
import { inFormOf } from './compare';
import { Replay } from './replay';
import { idOf, readDifferences, readRecording } from './recording';

/** Every group of the recording. */
const groups = [
  'info',
  'auth',
  'namespaces',
  'actionCreate',
  'actionList',
  'invoke',
  'packages',
  'triggersRules',
  'sequences',
  'conductors',
  'activations',
  'web',
];

const credentials = {
  guest: '23bc46b1-71f6-4ed5-8c54-816aa4f8c502:123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP',
  system: '789c46b1-71f6-4ed5-8c54-816aa4f8c502:abczO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP',
};

const cases = readRecording(groups);
const differences = readDifferences();

describe('answers of a real OpenWhisk', () => {
  let platform: Platform | undefined;
  let replay: Replay;
  const gone: string[] = [];

  beforeAll(async () => {
    const given = process.env.CONFORMANCE_API_HOST;
    if (given === undefined) platform = await startPlatform();
    replay = new Replay(given ?? platform!.apiHost, credentials);
  }, 90_000);

  afterAll(async () => {
    await platform?.stop();
  }, 60_000);

  for (const recorded of cases) {
    const id = idOf(recorded);
    const difference = differences[id];
    it(
      difference ? `${id} (differs: ${difference.reason})` : id,
      async () => {
        const complaints = await replay.play(recorded);
        if (difference && complaints.length === 0) gone.push(id);
        else if (difference) expect(inFormOf(difference.complaints, complaints)).toEqual(difference.complaints);
        else expect(complaints).toEqual([]);
      },
      120_000,
    );
  }

  it('lists no difference that has gone, and none of a case that was not recorded', () => {
    const ids = new Set(cases.map(idOf));
    expect(gone).toEqual([]);
    expect(Object.keys(differences).filter((id) => !ids.has(id))).toEqual([]);
  });
});
