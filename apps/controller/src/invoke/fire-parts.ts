// How the actions of a trigger's rules are invoked: as if whoever fires had posted them, throttles and kinds included.
import type { ActionRepository } from '../entities/action-repository';
import { checkKind } from '../entities/entitlement';
import type { Throttles } from '../throttle/throttles';
import type { Invoker } from './invoker';
import type { QueuedInvocations } from './queued-invocations';
import type { FireParts } from './trigger-fires';

export function firePartsOf(
  throttles: Throttles,
  actions: ActionRepository,
  invoker: Invoker,
  queued: QueuedInvocations,
): FireParts {
  return {
    admit: (identity) => throttles.fire(identity),
    resolve: (caller, name) => actions.resolve(caller, name),
    prepare: async (action, identity, transactionId, payload) => {
      await throttles.admit(identity);
      try {
        checkKind(identity, action.exec.kind);
        return await invoker.prepare(action, identity, transactionId, payload);
      } catch (error) {
        throttles.release(identity.namespace);
        throw error;
      }
    },
    stored: (rows) => queued.stored(rows),
    dropped: (rows) => {
      for (const { namespace } of rows) throttles.release(namespace);
    },
  };
}
