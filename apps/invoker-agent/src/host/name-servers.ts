// The name servers of this node, as far as its containers can ask them.
import { readFileSync } from 'node:fs';

/** Of resolv.conf, those that a container can reach: not what listens on the node's loopback. */
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
