import type { Logger } from '#telemetry';
import { chooseDriver, type DriverName } from './choose-driver';
import type { ContainerDriver } from './container-driver';

describe('choice of the driver', () => {
  let said: string[];
  const logger = {
    info: (text: string) => said.push(`info: ${text}`),
    warn: (text: string) => said.push(`warn: ${text}`),
  } as unknown as Logger;
  beforeEach(() => {
    said = [];
  });

  const where = (works: Partial<Record<DriverName, boolean>>) => {
    const open = (name: DriverName) => async () => {
      if (!works[name]) throw new Error(`no ${name} here.`);
      return { name } as ContainerDriver;
    };
    return { runc: open('runc'), docker: open('docker'), process: open('process') };
  };

  it('is what was asked for, or one sentence', async () => {
    expect((await chooseDriver('docker', where({ docker: true, runc: true }), logger)).name).toBe('docker');
    await expect(chooseDriver('docker', where({ runc: true }), logger)).rejects.toThrow(
      'CONTAINER_DRIVER=docker does not work here: no docker here.',
    );
    expect(said).toEqual([]);
  });

  it('is the best that works, and says why not a better one', async () => {
    expect((await chooseDriver('auto', where({ docker: true, runc: true }), logger)).name).toBe('runc');
    expect((await chooseDriver('auto', where({ docker: true, process: true }), logger)).name).toBe('docker');
    expect((await chooseDriver('auto', where({ process: true }), logger)).name).toBe('process');
    expect(said).toEqual([
      'info: CONTAINER_DRIVER=auto: runc makes the containers',
      'info: CONTAINER_DRIVER=auto: docker makes the containers, since runc: no runc here',
      'warn: CONTAINER_DRIVER=auto: process makes the containers, since runc: no runc here; docker: no docker here',
    ]);
  });

  it('says all reasons where none works', async () => {
    await expect(chooseDriver('auto', where({}), logger)).rejects.toThrow(
      'no driver works here (runc: no runc here; docker: no docker here; process: no process here).',
    );
  });
});
