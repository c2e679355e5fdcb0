import { CollectionPlan } from './collection-plan';

const mb = 1_048_576;

describe('CollectionPlan', () => {
  const planned = (storeGarbageBytes = mb): CollectionPlan => new CollectionPlan({ storeGarbageBytes });

  it('collects what the start of the worker left', () => {
    expect(planned().isDue(7 * mb)).toBe(true);
  });

  it('then collects when the old generation has grown by the limit, and not for less', () => {
    const plan = planned();
    plan.collected(6 * mb);
    expect(plan.isDue(6 * mb)).toBe(false);
    expect(plan.isDue(7 * mb - 1)).toBe(false);
    expect(plan.isDue(7 * mb)).toBe(true);
    // What the collection could not free is no garbage.
    plan.collected(7 * mb);
    expect(plan.isDue(8 * mb - 1)).toBe(false);
    expect(plan.isDue(8 * mb)).toBe(true);
  });

  it('reckons from what V8 left if that collected meanwhile', () => {
    const plan = planned();
    plan.collected(6 * mb);
    expect(plan.isDue(3 * mb)).toBe(false);
    expect(plan.isDue(4 * mb)).toBe(true);
  });
});
