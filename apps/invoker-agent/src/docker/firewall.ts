// Puts the rules of isolation-rules.ts into the kernel, and takes them out again. Two chains of our own, so that what others set stays as it is.
//
// `apply` replaces both chains in one step, so there is no moment without rules; it may be called again at any time, and is, since engines and
// administrators flush tables.
import { networkInterfaces } from 'node:os';
import { CommandFailed, run } from '../host/command';
import { inputChain, type Isolation, isolationRules } from './isolation-rules';

const answerMs = 10_000;
/** Other programs change tables, too; seconds to wait for their lock. */
const wait = ['-w', '5'];

export class Firewall {
  constructor(private readonly isolation: Isolation) {}

  async apply(): Promise<void> {
    await run('iptables-restore', [...wait, '--noflush'], {
      input: isolationRules(this.isolation),
      timeoutMs: answerMs,
    });
    for (const [parent, chain] of await this.jumps()) {
      const rule = ['-i', this.isolation.bridge, '-j', chain];
      if (await succeeds(['-C', parent, ...rule])) continue;
      await iptables(['-I', parent, '1', ...rule]);
    }
  }

  /** Leaves nothing of ours. */
  async remove(): Promise<void> {
    const { bridge, chain } = this.isolation;
    for (const [parent, own] of [...(await this.jumps()), ['FORWARD', chain]] as const)
      while (await succeeds(['-D', parent, '-i', bridge, '-j', own]));
    for (const own of [chain, inputChain(chain)]) if (await succeeds(['-F', own])) await iptables(['-X', own]);
  }

  /** Docker puts its own rules before others' in FORWARD at each start, and keeps DOCKER-USER before those. */
  private async jumps(): Promise<[string, string][]> {
    const { chain } = this.isolation;
    const parent = (await succeeds(['-L', 'DOCKER-USER', '-n'])) ? 'DOCKER-USER' : 'FORWARD';
    return [
      [parent, chain],
      ['INPUT', inputChain(chain)],
    ];
  }
}

async function iptables(words: readonly string[]): Promise<void> {
  await run('iptables', [...wait, ...words], { timeoutMs: answerMs });
}

/** A rule or chain that is not there is an answer, too. */
const succeeds = (words: readonly string[]): Promise<boolean> =>
  iptables(words).then(
    () => true,
    (error: unknown) => {
      if (error instanceof CommandFailed) return false;
      throw error;
    },
  );

/** Subnets that this node has an address in. */
export function nodeNetworks(): string[] {
  return Object.values(networkInterfaces())
    .flat()
    .flatMap((found) => (found?.family === 'IPv4' && found.cidr ? [found.cidr] : []));
}
