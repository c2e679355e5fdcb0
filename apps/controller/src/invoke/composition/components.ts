// How a composition finds the actions that it runs: from the cache of actions, or from the store, as the namespace of its caller may.
//
// Guarantee: what cannot be run says why, in one of three ways; only a failing store is an exception.
import { type EntityName, type ExecutableAction, type Identity, Rejection } from '#entity';
import type { NotFound } from './frame';

/** What is asked of the controller's actions. Both throw a Rejection for what is not there or may not be used. */
export interface ActionSource {
  peek(caller: string, name: EntityName): ExecutableAction | undefined;
  resolve(caller: string, name: EntityName): Promise<ExecutableAction>;
  /** Where it would be: whether the caller may use what bears this name, without asking whether it is there. */
  locate(caller: string, name: EntityName): Promise<unknown>;
}

/** Everything in the default package of the own namespace. */
const isFree = (caller: string, { namespace, packageName }: EntityName): boolean =>
  namespace === caller && packageName === undefined;

export class Components {
  constructor(private readonly actions: ActionSource) {}

  /** The action, if it is known without asking the store and may be used. */
  peek(caller: string, name: EntityName): ExecutableAction | undefined {
    return this.actions.peek(caller, name);
  }

  async find(caller: string, name: EntityName, isChecked: boolean): Promise<ExecutableAction | NotFound> {
    if (isChecked && (await this.refusal(caller, name)) !== undefined) return 'not allowed';
    try {
      return await this.actions.resolve(caller, name);
    } catch (error) {
      if (error instanceof Rejection) return 'missing';
      throw error;
    }
  }

  /** Undefined: there is nothing to wait for, the caller may use all of them. Else rejects with the refusal of one. */
  mayUseAll({ namespace }: Identity, names: readonly EntityName[]): Promise<void> | undefined {
    const unsure = names.filter((name) => !isFree(namespace, name) && this.actions.peek(namespace, name) === undefined);
    return unsure.length === 0 ? undefined : this.checkAll(namespace, unsure);
  }

  private async checkAll(caller: string, names: readonly EntityName[]): Promise<void> {
    for (const name of names) await this.actions.locate(caller, name);
  }

  private async refusal(caller: string, name: EntityName): Promise<Rejection | undefined> {
    if (isFree(caller, name)) return undefined;
    try {
      await this.actions.locate(caller, name);
      return undefined;
    } catch (error) {
      if (error instanceof Rejection) return error;
      throw error;
    }
  }
}
