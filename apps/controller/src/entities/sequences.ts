// Whether a sequence may exist: its components are there, it does not contain itself, and flattened it is not too long.
//
// Guarantee: ends after at most `sequenceLengthCount` atomic actions and as many levels, whatever is stored, since every sequence leads
// to at least one action or to a refusal.
import {
  type EntityName,
  type Identity,
  Rejection,
  messages,
  parseFullyQualifiedName,
  rejections,
  sequenceKind,
} from '#entity';
import type { ActionRepository } from './action-repository';
import { entityTarget } from './entitlement';

const nameOf = (component: string): EntityName => {
  const name = parseFullyQualifiedName(component.slice(1));
  if (name === undefined) throw new Error(`sequence: component "${component}" is no fully qualified name`);
  return name;
};

/** Throws 403 unless the caller may use every component. */
export function checkComponentRights(identity: Identity, components: readonly string[]): void {
  for (const { namespace, packageName, name } of components.map(nameOf)) {
    entityTarget(identity, namespace, packageName === undefined ? [name] : [packageName, name], 'read');
  }
}

export class SequenceCheck {
  #atomicCount = 0;

  constructor(
    private readonly actions: ActionRepository,
    /** `/namespace/[package/]name` of the sequence that is written. */
    private readonly sequence: string,
    private readonly lengthMax: number,
  ) {}

  /** Throws the 400 that says what is wrong with these components. */
  async check(components: readonly string[], depth = 0): Promise<void> {
    if (components.length > this.lengthMax || depth > this.lengthMax)
      throw rejections.notValid(messages.sequenceTooLong);
    if (components.length === 0) throw rejections.notValid(messages.sequenceEmpty);
    for (const component of components) {
      if (component === this.sequence) throw rejections.notValid(messages.sequenceCyclic);
      const { exec } = await this.#component(component);
      if (exec.kind === sequenceKind) await this.check(exec.components ?? [], depth + 1);
      else if (++this.#atomicCount > this.lengthMax) throw rejections.notValid(messages.sequenceTooLong);
    }
  }

  async #component(component: string) {
    try {
      return (await this.actions.stored(nameOf(component))).document;
    } catch (error) {
      if (error instanceof Rejection && error.status === 404)
        throw rejections.notValid(messages.sequenceComponentMissing);
      throw error;
    }
  }
}
