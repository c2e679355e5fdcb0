import { planWorkload } from '#workload';
import { findWorkload, planOf, readyMadeWorkloads } from './find-workload';

describe('the workloads that come with Hearth', () => {
  const all = readyMadeWorkloads();

  it('are there, each under the name of its file and with words about it', () => {
    expect(all.length).toBeGreaterThanOrEqual(9);
    for (const { path, workload } of all) {
      expect(path).toMatch(new RegExp(`/${workload.name}\\.yaml$`));
      expect(workload.about.length).toBeGreaterThan(40);
    }
  });

  it.each(all.map(({ workload }) => workload.name))('%s can be planned, and has requests', (name) => {
    const { scenarios } = planOf(findWorkload(name), undefined);
    for (const { open, closed, actions } of scenarios) {
      const [first] = open ? open() : closed!.user(0);
      expect(first!.action).toBeLessThan(actions.length);
    }
  });

  it('have the thousand containers that are promised', () => {
    const { scenarios } = planWorkload(findWorkload('thousand-containers').workload);
    expect(scenarios.map(({ actions }) => actions.length)).toEqual(new Array(10).fill(100));
  });
});
