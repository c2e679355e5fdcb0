// Who is told when the life of a process ends. All of them in one chain, which is short and always at hand: one for each of ten thousand processes would be
// read from memory for every call, and a process ends rarely.
import { Chain, type Link } from './chain';
import type { Process } from './process';

class Mourner {
  link: Link<Mourner> | undefined = undefined;

  constructor(
    readonly of: Process,
    readonly tell: () => void,
  ) {}

  /** Is told no more. */
  remove(): void {
    this.link?.remove();
  }
}

export type Mourning = Pick<Mourner, 'remove'>;

export class Mourners {
  private readonly chain = new Chain<Mourner>();

  add(of: Process, tell: () => void): Mourning {
    const mourner = new Mourner(of, tell);
    mourner.link = this.chain.add(mourner);
    return mourner;
  }

  /** In the order in which they came; each once. */
  tell(process: Process): void {
    const those = this.chain.all().filter(({ of }) => of === process);
    for (const mourner of those) mourner.remove();
    for (const { tell } of those) tell();
  }
}
