// Puts the rules of isolation-rules.ts into the kernel, and takes them out again. Two chains of our own, so that what others set stays as it is.
//
// `apply` replaces both chains in one step, so there is no moment without rules; it may be called again at any time, and is, since engines and
// administrators flush tables.
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { inputChain, type Isolation, isolationRules } from './isolation-rules';

const answerMs = 10_000;
/** Other programs change tables, too; seconds to wait for their lock. */
const wait = ['-w', '5'];

export class Firewall {
  constructor(private readonly isolation: Isolation) {}

  async apply(): Promise<void> {
    await restore(isolationRules(this.isolation));
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

function iptables(words: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('iptables', [...wait, ...words], { timeout: answerMs }, (error, _, stderr) => {
      if (error) reject(new Error(`iptables ${words.join(' ')}: ${stderr.trim() || error.message}`));
      else resolve();
    });
  });
}

const succeeds = (words: readonly string[]): Promise<boolean> =>
  iptables(words).then(
    () => true,
    () => false,
  );

function restore(rules: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('iptables-restore', [...wait, '--noflush'], {
      stdio: ['pipe', 'ignore', 'pipe'],
      timeout: answerMs,
    });
    let said = '';
    child.stderr.on('data', (text: Buffer) => (said += text.toString()));
    child.once('error', reject);
    // A child that ends early says so by its exit.
    child.stdin.on('error', () => undefined);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`iptables-restore: ${said.trim() || `exit code ${code}`}`)),
    );
    child.stdin.end(rules);
  });
}

/** Of resolv.conf, those of other hosts; what listens on loopback is asked by the engine itself. */
export function nameServersOf(resolvConf: string): string[] {
  const servers = [...resolvConf.matchAll(/^\s*nameserver\s+(\d{1,3}(?:\.\d{1,3}){3})\s*$/gm)].map(([, ip]) => ip!);
  return servers.filter((server) => !server.startsWith('127.'));
}

export function nodeNameServers(): string[] {
  try {
    return nameServersOf(readFileSync('/etc/resolv.conf', 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Subnets that this node has an address in. */
export function nodeNetworks(): string[] {
  return Object.values(networkInterfaces())
    .flat()
    .flatMap((found) => (found?.family === 'IPv4' && found.cidr ? [found.cidr] : []));
}
