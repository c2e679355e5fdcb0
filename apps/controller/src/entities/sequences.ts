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
import type { PackageReader } from './package-reader';

const nameOf = (component: string): EntityName => {
  const name = parseFullyQualifiedName(component.slice(1));
  if (name === undefined) throw new Error(`sequence: component "${component}" is no fully qualified name`);
  return name;
};

/** Throws 403 unless the caller may use every component; 404 if its own package of one is not there. */
export async function checkComponentRights(
  identity: Identity,
  components: readonly string[],
  packages: PackageReader,
): Promise<void> {
  for (const { namespace, packageName, name } of components.map(nameOf)) {
    entityTarget(identity, namespace, packageName === undefined ? [name] : [packageName, name], 'read');
    if (packageName !== undefined) await packages.readable(identity.namespace, { namespace, name: packageName });
  }
}

export class SequenceCheck {
  #atomicCount = 0;

  constructor(
    private readonly actions: ActionRepository,
    /** Namespace of the caller. */
    private readonly caller: string,
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
      const { id } = await this.actions.locate(this.caller, nameOf(component));
      return (await this.actions.stored(id)).document;
    } catch (error) {
      if (error instanceof Rejection && error.status === 404)
        throw rejections.notValid(messages.sequenceComponentMissing);
      throw error;
    }
  }
}
