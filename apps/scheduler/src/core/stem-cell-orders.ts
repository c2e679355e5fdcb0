// What an operator may ask of the stock of stem cells, and the stock that follows from it.
import type { Limits } from '#limits';
import { stemKey } from './container';
import type { StemCells } from './stem-cells';

export interface StemCellOrder extends StemCells {
  /** Forget what operators have set; `count` is ignored. */
  readonly asConfigured: boolean;
}

export type OrderLimits = Pick<
  Limits,
  'actionMemoryMinMb' | 'actionMemoryMaxMb' | 'stemCellsPerNodeCount' | 'stemCellSettingsCount'
>;

/** The whole of what operators have set after this order, or one sentence why not. */
export function afterOrder(
  order: StemCellOrder,
  ofOperators: readonly StemCells[],
  knownKinds: ReadonlySet<string>,
  limits: OrderLimits,
): readonly StemCells[] | string {
  const { kind, memoryMb, count, asConfigured } = order;
  const others = ofOperators.filter((cells) => stemKey(cells.kind, cells.memoryMb) !== stemKey(kind, memoryMb));
  if (asConfigured) return others;
  const { actionMemoryMinMb, actionMemoryMaxMb, stemCellsPerNodeCount, stemCellSettingsCount } = limits;
  if (!knownKinds.has(kind)) {
    const known = [...knownKinds].sort().join(', ');
    return `no node offers the kind "${kind}"; ${known === '' ? 'no node is known yet' : `there are ${known}`}.`;
  }
  if (memoryMb < actionMemoryMinMb || memoryMb > actionMemoryMaxMb) {
    return `no action has ${memoryMb} MB; give ${actionMemoryMinMb} to ${actionMemoryMaxMb} MB.`;
  }
  if (count > stemCellsPerNodeCount) {
    return `${count} stem cells on each node are too many; give at most ${stemCellsPerNodeCount}.`;
  }
  if (others.length >= stemCellSettingsCount) {
    return `${others.length} kinds and memories are set already; set one of them back to the configuration first.`;
  }
  return [...others, { kind, memoryMb, count }];
}
