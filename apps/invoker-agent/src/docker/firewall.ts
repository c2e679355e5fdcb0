// Puts the rules of isolation-rules.ts into the kernel, and takes them out again. Two chains of our own, so that what others set stays as it is.
//
// `apply` replaces both chains in one step, so there is no moment without rules; it may be called again at any time, and is, since engines and
// administrators flush tables.
import { CommandFailed, run } from '../host/command';
import { inputChain, type Isolation, isolationRules } from './isolation-rules';

/** Other programs change tables, too; seconds to wait for their lock. */
const wait = ['-w', '5'];

export class Firewall {
  constructor(
    private readonly isolation: Isolation,
    /** Of each call of a program. */
    private readonly timeoutMs: number,
  ) {}

  async apply(): Promise<void> {
    await run('iptables-restore', [...wait, '--noflush'], {
      input: isolationRules(this.isolation),
      timeoutMs: this.timeoutMs,
    });
    for (const [parent, chain] of await this.jumps()) {
      const rule = ['-i', this.isolation.bridge, '-j', chain];
      if (await this.succeeds(['-C', parent, ...rule])) continue;
      await this.iptables(['-I', parent, '1', ...rule]);
    }
  }

  /** Leaves nothing of ours. */
  async remove(): Promise<void> {
    const { bridge, chain } = this.isolation;
    for (const [parent, own] of [...(await this.jumps()), ['FORWARD', chain]] as const)
      while (await this.succeeds(['-D', parent, '-i', bridge, '-j', own]));
    for (const own of [chain, inputChain(chain)])
      if (await this.succeeds(['-F', own])) await this.iptables(['-X', own]);
  }

  private async iptables(words: readonly string[]): Promise<void> {
    await run('iptables', [...wait, ...words], { timeoutMs: this.timeoutMs });
  }

  /** A rule or chain that is not there is an answer, too. */
  private succeeds(words: readonly string[]): Promise<boolean> {
    return this.iptables(words).then(
      () => true,
      (error: unknown) => {
        if (error instanceof CommandFailed) return false;
        throw error;
      },
    );
  }

  /** Docker puts its own rules before others' in FORWARD at each start, and keeps DOCKER-USER before those. */
  private async jumps(): Promise<[string, string][]> {
    const { chain } = this.isolation;
    const parent = (await this.succeeds(['-L', 'DOCKER-USER', '-n'])) ? 'DOCKER-USER' : 'FORWARD';
    return [
      [parent, chain],
      ['INPUT', inputChain(chain)],
    ];
  }
}
