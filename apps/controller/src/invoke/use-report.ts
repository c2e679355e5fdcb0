// What share-states keeps of one container: what of its use was told and what is to be told. The container keeps it, so that a run looks nothing up.
import type { Deadline, Deadlined } from './deadlines';

export class UseReport<Container> implements Deadlined {
  /** When it will have been free for so long that it is told. */
  deadline: Deadline | undefined = undefined;
  /** Generation of the stream on which it was last told to be free; 0: it is not known there as free. */
  freeOn = 0;
  /** It is told with the next message. */
  isDue = false;

  constructor(readonly container: Container) {}
}
