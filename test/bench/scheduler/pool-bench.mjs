// The pool alone: how many decisions a core makes in a second at full size, and how much more one costs there than at a hundredth of it.
//
// Guarantees: both sizes take turns within each round, so that a slow minute of the machine falls on both; figures are medians.
import { median } from '../figures.mjs';
import { PoolRig } from './pool-rig.mjs';

export const fullSize = { nodes: 1_000, containers: 100_000, keys: 10_000 };

const hundredthOf = ({ nodes, containers, keys }) => ({
  nodes: Math.ceil(nodes / 100),
  containers: Math.ceil(containers / 100),
  keys: Math.ceil(keys / 100),
});

/** Answers figures, one row for each size. */
export function benchPool({ size, demands, rounds, policies, say }) {
  const sizes = [hundredthOf(size), size];
  const rigs = sizes.map((each) => {
    say(`filling ${each.nodes} nodes with ${each.containers} containers of ${each.keys} action keys`);
    return new PoolRig({ ...each, policies });
  });
  const measured = sizes.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    rigs.forEach((rig, at) => measured[at].push(rig.measure(demands)));
  }
  const rows = sizes.map((each, at) => ({ ...each, ...figuresOf(measured[at]) }));
  const perRound = measured[0].map((small, round) => costOf(measured[1][round]) / costOf(small));
  return { rows, costRatio: median(perRound), costRatioOfRounds: perRound };
}

const costOf = ({ spentMs, decisions }) => spentMs / decisions;

function figuresOf(rounds) {
  const perSecond = (name) => median(rounds.map((round) => (round[name] / round.spentMs) * 1_000));
  const total = rounds.reduce((sum, { demands }) => sum + demands, 0);
  const answers = {};
  for (const round of rounds) {
    for (const [name, count] of Object.entries(round.answers)) answers[name] = (answers[name] ?? 0) + count / total;
  }
  return {
    decisionsPerSecond: perSecond('decisions'),
    demandsPerSecond: perSecond('demands'),
    inputsPerSecond: perSecond('inputs'),
    usPerDecision: median(rounds.map((round) => costOf(round) * 1_000)),
    answers,
  };
}
