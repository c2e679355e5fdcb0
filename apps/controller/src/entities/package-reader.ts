// Packages as whoever uses what is in them wants them: followed through bindings, with merged parameters, and only if the caller may.
//
// Guarantee: nothing leaks: a foreign package that is not shared and one that does not exist are refused alike (compatibility notes, 5.3).
// A binding serves its own namespace only, and only while that namespace may read what it is bound to.
import {
  mergeByKey,
  type PackageDocument,
  type PackageName,
  packagePath,
  type Parameter,
  rejections,
  type StoredPackage,
} from '#entity';
import type { ArtifactStore, StoredEntity } from '#store';
import { asStored } from './stored-entity';

export interface ReadablePackage {
  /** The one that was named. */
  readonly named: StoredPackage;
  /** The one that has the actions: `named` itself unless that is a binding. */
  readonly provider: StoredPackage;
  /** The provider's under those of the binding. */
  readonly parameters: readonly Parameter[];
  /** Whether every namespace may use it by this name; else only the one that it is in. */
  readonly isShared: boolean;
}

/** Throws StoreError `corrupt` for one that is damaged. */
export function asStoredPackage(entity: StoredEntity): StoredPackage {
  const { revision, updated, document } = asStored<PackageDocument>(entity);
  return { namespace: entity.path, name: entity.name, revision, updated, document };
}

export class PackageReader {
  constructor(private readonly artifacts: Pick<ArtifactStore, 'get'>) {}

  /** The package itself, whoever asks; undefined if there is none. Throws 409 if the name is something else, StoreError `corrupt` if it is damaged. */
  async find(name: PackageName): Promise<StoredPackage | undefined> {
    const entity = await this.entity(name);
    return entity && asStoredPackage(entity);
  }

  /** The same, damaged or not. */
  async entity({ namespace, name }: PackageName): Promise<StoredEntity | undefined> {
    const entity = await this.artifacts.get({ path: namespace, name });
    if (entity !== undefined && entity.collection !== 'packages') throw rejections.notInCollection();
    return entity;
  }

  /**
   * The package as the namespace `caller` may use it. Throws 403 if it may not, or if something foreign is not there; 404 if something of
   * its own is not there; 409 if a name is something else; 422 if bindings go round in a circle.
   */
  async readable(caller: string, name: PackageName): Promise<ReadablePackage> {
    const chain: StoredPackage[] = [];
    let next: PackageName | undefined = name;
    while (next !== undefined) {
      const at: PackageName = next;
      const isOwn = at.namespace === caller;
      if (chain.some((link) => packagePath(link) === packagePath(at)))
        throw rejections.bindingCircular(packagePath(at));
      const found = await this.find(at);
      if (found === undefined && isOwn) throw rejections.notFound();
      const isAllowed = isOwn || (found?.document.publish === true && found.document.binding === undefined);
      if (found === undefined || !isAllowed) throw rejections.notAuthorized(packagePath(name));
      chain.push(found);
      next = found.document.binding;
    }
    const [named, provider] = [chain[0]!, chain[chain.length - 1]!];
    return {
      named,
      provider,
      parameters: mergeByKey(...chain.map(({ document }) => document.parameters).reverse()),
      isShared: chain.length === 1 && named.document.publish,
    };
  }
}
