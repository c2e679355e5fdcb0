// What a command to create comes to.
import type { ContainerAddresses } from '#protocol';
import type { ContainerRecord } from './container-record';
import { Refusal } from './refusal';

/** What a creation has to do: start a container, wait for the one that is being started, or nothing. */
export type CreateStep =
  | { readonly step: 'start'; readonly address: string }
  | { readonly step: 'join' }
  | { readonly step: 'there'; readonly addresses: ContainerAddresses };

/** Of one that is there already, by its id. */
export function createAgain(there: ContainerRecord): CreateStep | Refusal {
  switch (there.state) {
    case 'creating':
      return { step: 'join' };
    case 'running':
    case 'suspended':
      return { step: 'there', addresses: there.addresses };
    case 'exited':
      return new Refusal('driver-failed', `Container ${there.id} ended by itself: ${there.exitReason}. Remove it.`);
    case 'removing':
      return new Refusal('removed', `Container ${there.id} is being removed.`);
  }
}
