// Owners: every incarnation of every controller that has, or may have, containers.
//
// Guarantee: the higher incarnation of a controller id supersedes the lower, whoever speaks last; the highest is never forgotten.
import type { Owner } from './session';

interface Lives {
  highest: bigint;
  readonly owners: Map<bigint, Owner>;
}

export class Owners {
  private readonly byController = new Map<string, Lives>();

  /** The record of an incarnation, made when it is first heard of. */
  of(controllerId: string, incarnation: bigint): Owner {
    const { owners } = this.livesOf(controllerId);
    let owner = owners.get(incarnation);
    if (!owner) {
      const incarnationText = incarnation.toString();
      owner = { controllerId, incarnation, incarnationText, session: undefined, containers: new Set() };
      owners.set(incarnation, owner);
    }
    return owner;
  }

  find(controllerId: string, incarnation: bigint): Owner | undefined {
    return this.byController.get(controllerId)?.owners.get(incarnation);
  }

  highest(controllerId: string): bigint {
    return this.byController.get(controllerId)?.highest ?? 0n;
  }

  isSuperseded({ controllerId, incarnation }: Owner): boolean {
    return incarnation < this.highest(controllerId);
  }

  /** This incarnation said Hello. Answers the ones that it supersedes. */
  supersede({ controllerId, incarnation }: Owner): Owner[] {
    const lives = this.livesOf(controllerId);
    if (incarnation > lives.highest) lives.highest = incarnation;
    const older = [...lives.owners.values()].filter((owner) => owner.incarnation < lives.highest);
    for (const owner of older) this.forgetIfEmpty(owner);
    return older;
  }

  /** A dead incarnation without containers is nothing to remember. */
  forgetIfEmpty(owner: Owner): void {
    if (owner.containers.size > 0 || owner.session) return;
    this.byController.get(owner.controllerId)?.owners.delete(owner.incarnation);
  }

  private livesOf(controllerId: string): Lives {
    let lives = this.byController.get(controllerId);
    if (!lives) {
      lives = { highest: 0n, owners: new Map() };
      this.byController.set(controllerId, lives);
    }
    return lives;
  }
}
