// One message in a few words, for the transcript.
import type { shareStates } from '#protocol';

type Body = shareStates.SchedulerMessage['body'] | shareStates.ControllerMessage['body'];

export function told(number: number, body: Body): string {
  return `${number} ${body?.$case ?? 'nothing'} ${body ? about(body) : ''}`;
}

function about(body: NonNullable<Body>): string {
  switch (body.$case) {
    case 'grant':
      return `${body.value.container?.id} ${body.value.grantId} ${body.value.actionKey}`;
    case 'hello': {
      const { incarnation, generation, containers, demands } = body.value;
      const owned = containers.map(({ containerId, grantId, state }) => `${containerId} ${grantId} ${state}`);
      const wanted = demands.map(({ actionKey, waiting }) => `${actionKey} ${waiting}`);
      return `${incarnation}.${generation} [${owned.join(', ')}] [${wanted.join(', ')}]`;
    }
    case 'demand':
      return `${body.value.actionKey} waiting ${body.value.waiting} of ${body.value.owned}, seen ${body.value.lastSeen}`;
    case 'states':
      return body.value.states.map(({ containerId, state }) => `${containerId} ${state}`).join(', ');
    case 'hint':
      return `${body.value.actionKey} ${body.value.address} ${body.value.free}`;
    case 'denied':
    case 'failed':
      return body.value.actionKey;
    case 'reclaim':
    case 'retire':
    case 'gone':
    case 'drained':
    case 'kept':
    case 'removed':
      return `${body.value.containerId} ${body.value.grantId}`;
    case 'superseded':
      return `${body.value.incarnation}`;
    case 'welcome':
    case 'report':
    case 'goodbye':
      return '';
  }
}
