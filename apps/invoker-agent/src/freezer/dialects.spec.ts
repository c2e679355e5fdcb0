import { cgroupV1, cgroupV2 } from './dialects';

describe('what a cgroup says of itself', () => {
  it.each([
    ['FROZEN\n', 'frozen'],
    ['THAWED\n', 'thawed'],
    ['FREEZING\n', 'between'],
  ])('version 1: %j', (text, state) => expect(cgroupV1.read(text)).toBe(state));

  it.each([
    ['populated 1\nfrozen 1\n', 'frozen'],
    ['populated 1\nfrozen 0\n', 'thawed'],
    ['populated 1\n', 'thawed'],
  ])('version 2: %j', (text, state) => expect(cgroupV2.read(text)).toBe(state));
});
