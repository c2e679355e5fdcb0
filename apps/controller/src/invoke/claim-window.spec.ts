// The window in which rows of the durable queue are claimed.
import { ClaimWindow } from './claim-window';

const limits = { claimWindowExtraCount: 4 };

describe('a claim window', () => {
  it('has room for twice the own containers and some more', () => {
    expect(new ClaimWindow(limits).wake(0)).toBe(4);
    expect(new ClaimWindow(limits).wake(3)).toBe(10);
  });

  it('claims one batch at a time, and again if it was woken meanwhile', () => {
    const window = new ClaimWindow(limits);
    expect(window.wake(0)).toBe(4);
    expect(window.wake(0)).toBe(0);
    window.took(['a']);
    expect(window.next(0)).toBe(3);
    window.took([]);
    expect(window.next(0)).toBe(0);
    expect(window.wake(0)).toBe(3);
  });

  it('claims again when the window was filled and has room by then', () => {
    const window = new ClaimWindow(limits);
    window.wake(0);
    window.took(['a', 'b', 'c', 'd']);
    expect(window.next(0)).toBe(0);
    window.done('a');
    expect(window.wake(0)).toBe(1);
  });

  it('goes on after a failed claim, at the next wake-up', () => {
    const window = new ClaimWindow(limits);
    window.wake(0);
    window.failed();
    expect(window.wake(0)).toBe(4);
  });

  it('claims nothing once it is stopped', () => {
    const window = new ClaimWindow(limits);
    window.wake(0);
    window.stop();
    window.took(['a']);
    expect(window.next(5)).toBe(0);
    expect(window.wake(5)).toBe(0);
    expect(window.size).toBe(1);
    expect(window.has('a')).toBe(true);
  });
});
