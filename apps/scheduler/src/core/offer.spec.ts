// The orders against what the nodes say of themselves, whatever changed and however often it was said.
import fc from 'fast-check';
import { Node } from './node';
import { Offer } from './offer';

type Change = (node: Node) => void;

const memory = fc.nat({ max: 4 }).map((units) => units * 128);
const change: fc.Arbitrary<Change> = fc.oneof(
  memory.map(
    (mb): Change =>
      (node) =>
        void (node.usedMb = mb),
  ),
  memory.map(
    (mb): Change =>
      (node) =>
        void (node.heldMb = mb),
  ),
  memory.map(
    (mb): Change =>
      (node) =>
        void (node.reclaimableMb = mb),
  ),
  fc.nat({ max: 1 }).map(
    (creating): Change =>
      (node) =>
        void (node.creating = creating),
  ),
  fc.boolean().map(
    (is): Change =>
      (node) =>
        void (node.isCordoned = is),
  ),
  fc.constant<Change>(() => undefined),
);

const ids = (nodes: readonly Node[]): string[] => nodes.map(({ id }) => id).sort();
const isAscending = (keys: number[]): boolean => keys.every((key, at) => at === 0 || keys[at - 1]! <= key);

describe('an offer', () => {
  it('has each usable node in the orders where its memory and slots say, and no other', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 4 }), change), { maxLength: 80 }), (changes) => {
        const offer = new Offer(new Set(['nodejs:20']));
        const nodes = Array.from({ length: 5 }, (_, at) => new Node(`node${at}`));
        for (const node of nodes) {
          [node.memoryMb, node.hasInventory] = [1_024, true];
          offer.put(node);
        }
        for (const [at, act] of changes) {
          const node = nodes[at]!;
          act(node);
          offer.put(node);
          const usable = nodes.filter(({ isUsable }) => isUsable);
          expect(ids(offer.open.items)).toEqual(ids(usable.filter(({ hasSlot }) => hasSlot)));
          expect(ids(offer.closed.items)).toEqual(ids(usable.filter(({ hasSlot }) => !hasSlot)));
          expect(ids(offer.potential.items)).toEqual(ids(usable));
          expect(isAscending(offer.open.items.map(({ freeMb }) => freeMb))).toBe(true);
          expect(isAscending(offer.closed.items.map(({ freeMb }) => freeMb))).toBe(true);
          expect(isAscending(offer.potential.items.map(({ potentialMb }) => potentialMb))).toBe(true);
        }
      }),
    );
  });
});
