// Values of parameters as they rest in the store: each sealed by itself, for its key at its entity, and marked by `encryption`.
//
// Guarantees: what was sealed opens under any of the keys that are known, at the same entity and key only, and to the same value; what is not
// marked is handed on as it is. Names of parameters are not sealed.
import { Seal } from './seal';

const algorithm = 'aes-256';

interface Item {
  readonly key: string;
  readonly value: unknown;
}

/** What was sealed opens under no key that is known, or was damaged. */
export class SealedForGood extends Error {}

export class ParameterSeal {
  private readonly sealing: Seal | undefined;
  private readonly opening: readonly Seal[];

  /** Keys of 32 bytes. Without `key` nothing is sealed; what `key` or a former one sealed is opened. */
  constructor(key: Buffer | undefined, formerKeys: readonly Buffer[] = []) {
    const seals = [key, ...formerKeys].map((each) => each && new Seal(each, 'parameters'));
    this.sealing = seals[0];
    this.opening = seals.filter((seal) => seal !== undefined);
  }

  /** `entity` names where the list belongs. */
  seal(entity: string, list: readonly Item[]): readonly Item[] {
    const { sealing } = this;
    if (sealing === undefined) return list;
    return list.map((item) => ({
      ...item,
      value: sealing.seal(JSON.stringify(item.value), placeOf(entity, item)),
      encryption: algorithm,
    }));
  }

  /** Throws SealedForGood. */
  open(entity: string, list: readonly Item[]): readonly Item[] {
    return list.map((item) => {
      if (!('encryption' in item)) return item;
      const { encryption, ...rest } = item;
      if (encryption !== algorithm || typeof item.value !== 'string') throw new SealedForGood();
      return { ...rest, value: JSON.parse(this.openText(item.value, placeOf(entity, item))) as unknown };
    });
  }

  private openText(text: string, place: string): string {
    for (const seal of this.opening) {
      try {
        return seal.open(text, place);
      } catch {
        // Sealed under another one: the next may be it.
      }
    }
    throw new SealedForGood();
  }
}

const placeOf = (entity: string, { key }: Item): string => `${entity}:${key}`;
