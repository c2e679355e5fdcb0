// The states of a container at its owner, and what each allows. Free and busy are not states: busy means that something is in flight or
// reserved (`inFlight > 0`), in whatever state.

export type ContainerState =
  | 'starting' // granted without code; the first reservation initialises it
  | 'ready' // initialised, thawed, nothing reserved
  | 'running' // initialised, thawed, at least one run reserved or in flight
  | 'suspending' // the agent was asked to freeze it; runs that arrive now wait for the answer and then for a resume
  | 'suspended' // frozen, or not known to be thawed
  | 'resuming' // the agent was asked to thaw it; at least one run waits
  | 'draining' // finishes what is in flight, takes nothing new
  | 'removed'; // no longer this controller's

/** Whether a reservation can be taken, given a free slot. A starting container takes only the one that initialises it. */
export function takesRuns(state: ContainerState): boolean {
  switch (state) {
    case 'starting':
    case 'ready':
    case 'running':
    case 'suspending':
    case 'suspended':
    case 'resuming':
      return true;
    case 'draining':
    case 'removed':
      return false;
  }
}

const transitions: Record<ContainerState, readonly ContainerState[]> = {
  starting: ['ready', 'running', 'draining', 'removed'],
  ready: ['running', 'suspending', 'removed'],
  running: ['ready', 'draining', 'removed'],
  suspending: ['suspended', 'resuming', 'removed'],
  suspended: ['resuming', 'removed'],
  resuming: ['running', 'draining', 'removed'],
  draining: ['removed'],
  removed: [],
};

export function mayBecome(from: ContainerState, to: ContainerState): boolean {
  return transitions[from].includes(to);
}
