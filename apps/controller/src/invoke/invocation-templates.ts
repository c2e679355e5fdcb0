// Invocation templates, one for each action object and caller. They live as long as the action object does, which is replaced by a new
// one with every revision and when the cache of actions drops it.
import type { ExecutableAction, Identity } from '#entity';
import { InvocationTemplate } from './invocation';

const templates = new WeakMap<ExecutableAction, Map<Identity, InvocationTemplate>>();

/** Callers of one action whose templates are kept. */
const identitiesMax = 16;

export function templateFor(action: ExecutableAction, identity: Identity): InvocationTemplate {
  let byIdentity = templates.get(action);
  if (!byIdentity) templates.set(action, (byIdentity = new Map<Identity, InvocationTemplate>()));
  let template = byIdentity.get(identity);
  if (!template) {
    template = new InvocationTemplate(action, identity);
    if (byIdentity.size >= identitiesMax) byIdentity.clear();
    byIdentity.set(identity, template);
  }
  return template;
}
