// How the two generations of cgroups are told to freeze, and how they say that they have.

export interface FreezerDialect {
  readonly name: 'cgroup-v1' | 'cgroup-v2';
  readonly commandFile: string;
  readonly stateFile: string;
  readonly words: Readonly<Record<'frozen' | 'thawed', string>>;
  /** Version 1 may stay at FREEZING, when a process forks meanwhile, until it is told again or has been thawed in between. */
  readonly needsRepetition: boolean;
  read(state: string): 'frozen' | 'thawed' | 'between';
}

export const cgroupV1: FreezerDialect = {
  name: 'cgroup-v1',
  commandFile: 'freezer.state',
  stateFile: 'freezer.state',
  words: { frozen: 'FROZEN', thawed: 'THAWED' },
  needsRepetition: true,
  read: (state) => {
    const word = state.trim();
    if (word === 'FROZEN') return 'frozen';
    return word === 'THAWED' ? 'thawed' : 'between';
  },
};

export const cgroupV2: FreezerDialect = {
  name: 'cgroup-v2',
  commandFile: 'cgroup.freeze',
  stateFile: 'cgroup.events',
  words: { frozen: '1', thawed: '0' },
  needsRepetition: false,
  // What was asked for is in cgroup.freeze; what holds, also for all below it, in cgroup.events.
  read: (events) => (/^frozen 1$/m.test(events) ? 'frozen' : 'thawed'),
};
