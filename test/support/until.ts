// Waiting for conditions instead of for time.

const lookAgainMs = 20;

/** What is left of an answer that is no refusal. */
type Given<T> = Exclude<T, false | null | undefined | '' | 0>;

/** Resolves with the first truthy answer; fails with `what` after `withinMs`. */
export async function until<T>(what: string, ask: () => T | Promise<T>, withinMs = 20_000): Promise<Given<T>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer as Given<T>;
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await pause(lookAgainMs);
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
