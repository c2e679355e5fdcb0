// The subjects of OpenWhisk's development setup, with its public credentials: everybody knows them, so they are no secrets and must not
// exist where anything but loopback listens. Clients and tests hard-code them.
import type { Seal } from '#seal';
import type { SubjectStore, SubjectWrite } from '#store';

export const guestSubject: SubjectWrite = {
  subject: 'guest',
  namespace: 'guest',
  uuid: '23bc46b1-71f6-4ed5-8c54-816aa4f8c502',
  key: '123zO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP',
};

export const systemSubject: SubjectWrite = {
  subject: 'whisk.system',
  namespace: 'whisk.system',
  uuid: '789c46b1-71f6-4ed5-8c54-816aa4f8c502',
  key: 'abczO3xZCLrMN6v2BKK1dXYFpXlPkccOFqm12CdAsMgRU4VrNZ9lyGVCGuMDGIwP',
};

export async function seedDevelopmentSubjects(subjects: SubjectStore, seal: Pick<Seal, 'seal'>): Promise<void> {
  for (const write of [guestSubject, systemSubject])
    await subjects.seed({ ...write, sealedKey: seal.seal(`${write.uuid}:${write.key}`) });
}
