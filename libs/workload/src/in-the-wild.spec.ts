import { drawInTheWild, minutesOfDay, type WildFunction } from './in-the-wild';

const share = <T>(items: readonly T[], which: (item: T) => boolean): number =>
  items.filter(which).length / items.length;

describe.each([1, 7, 2026])('functions drawn in the wild, seed %i', (seed) => {
  const functions = drawInTheWild(4_000, seed);
  const ofApp: WildFunction[][] = Array.from({ length: 4_000 }, () => []);
  for (const one of functions) ofApp[one.app]!.push(one);
  const perDay = (of: readonly WildFunction[]): number => of.reduce((sum, one) => sum + one.perDay, 0);
  const rates = ofApp.map(perDay);
  const all = perDay(functions);

  it('have the published numbers of functions in an application', () => {
    expect(share(ofApp, ({ length }) => length === 1)).toBeCloseTo(0.54, 2);
    expect(share(ofApp, ({ length }) => length <= 10)).toBeCloseTo(0.95, 2);
    expect(share(ofApp, ({ length }) => length > 100)).toBeLessThan(0.001);
  });

  it('have the published popularity: eight decades, few make most', () => {
    expect(share(rates, (rate) => rate <= 24)).toBeCloseTo(0.45, 2);
    expect(share(rates, (rate) => rate <= minutesOfDay)).toBeCloseTo(0.814, 2);
    expect(Math.log10(Math.max(...rates) / Math.min(...rates))).toBeGreaterThan(6.5);
    const frequent = rates.filter((rate) => rate > minutesOfDay).reduce((sum, rate) => sum + rate, 0);
    expect(frequent / all).toBeGreaterThan(0.99);
    expect(Math.abs(share(functions, (one) => one.perDay <= minutesOfDay) - 0.9)).toBeLessThan(0.06);
  });

  it('have the published triggers', () => {
    const of = (trigger: WildFunction['trigger']): WildFunction[] => functions.filter((one) => one.trigger === trigger);
    expect(of('event').length / functions.length).toBeCloseTo(0.022, 2);
    expect(of('queue').length / functions.length).toBeCloseTo(0.152, 2);
    expect(of('timer').length / functions.length).toBeCloseTo(0.156, 2);
    expect(share(of('timer'), (one) => one.perDay <= minutesOfDay)).toBeGreaterThanOrEqual(0.95);
    expect(of('http').length).toBeGreaterThan(functions.length / 2);
  });

  it('come irregularly in 40 % of applications', () => {
    expect(share(ofApp, (app) => app.some(({ cv }) => cv > 1))).toBeCloseTo(0.4, 1);
  });

  it('take the published times', () => {
    expect(Math.abs(share(functions, (one) => one.durationMs < 1_000) - 0.56)).toBeLessThan(0.01);
    expect(share(functions, (one) => one.durationMs < 60_000)).toBeGreaterThan(0.96);
    const logs = functions.map((one) => Math.log(one.durationMs / 1_000));
    const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
    expect(mean).toBeCloseTo(-0.38, 1);
    expect(Math.sqrt(logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length)).toBeCloseTo(2.36, 1);
    const short = perDay(functions.filter((one) => one.durationMs < 1_000));
    expect(Math.abs(short / all - 0.8)).toBeLessThan(0.08);
  });

  it('have the published memory', () => {
    const of = ofApp.map(([first]) => first!.memoryMb);
    // Quantiles of the Burr distribution that was fitted.
    expect(share(of, (mb) => mb <= 139.7)).toBeCloseTo(0.5, 2);
    expect(share(of, (mb) => mb <= 107.083 * Math.pow(Math.pow(0.1, -1 / 0.221) - 1, 1 / 11.652))).toBeCloseTo(0.9, 2);
  });
});
