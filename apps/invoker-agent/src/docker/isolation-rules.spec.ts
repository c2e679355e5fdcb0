import { isolationRules, type Isolation } from './isolation-rules';
import { nameServersOf } from '../host/name-servers';
import { addressesIn, overlaps, parseSubnet } from '../host/subnets';

const isolation: Isolation = {
  bridge: 'hth-1',
  chain: 'HEARTH-1',
  egress: 'internet',
  api: [{ host: '10.189.0.1', port: 3233 }],
  nameServers: ['10.0.0.53'],
  ownNetworks: ['198.51.100.0/24'],
  allow: ['10.1.0.0/16', '10.2.3.4:5432'],
};

const chainOf = (name: string, overrides: Partial<Isolation> = {}): string[] =>
  isolationRules({ ...isolation, ...overrides })
    .split('\n')
    .filter((line) => line.startsWith(`-A ${name} `))
    .map((line) => line.slice(`-A ${name} `.length));

describe('isolation rules', () => {
  it('let through what is allowed before they refuse the rest', () => {
    const rules = chainOf('HEARTH-1');
    const first = rules.findIndex((rule) => rule.endsWith('REJECT'));
    expect(rules.slice(0, first)).toEqual([
      '-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN',
      '-d 10.189.0.1 -p tcp --dport 3233 -j RETURN',
      '-d 10.1.0.0/16 -j RETURN',
      '-d 10.2.3.4 -p tcp --dport 5432 -j RETURN',
    ]);
    expect(rules).toContain('-o hth-1 -j REJECT');
    expect(rules).toContain('-d 198.51.100.0/24 -j REJECT');
    expect(rules.indexOf('-d 10.0.0.53 -p udp --dport 53 -j RETURN')).toBeLessThan(
      rules.indexOf('-d 10.0.0.0/8 -j REJECT'),
    );
  });

  it('refuse all that goes to the node itself but the API and what is allowed', () => {
    const rules = chainOf('HEARTH-1-IN');
    expect(rules.at(-1)).toBe('-j REJECT');
    expect(rules).not.toContain(expect.stringContaining('--dport 53'));
  });

  it('end in a refusal without egress, and in none with all', () => {
    expect(chainOf('HEARTH-1', { egress: 'none' }).at(-1)).toBe('-j REJECT');
    expect(chainOf('HEARTH-1', { egress: 'all' })).not.toContain('-d 10.0.0.0/8 -j REJECT');
    expect(chainOf('HEARTH-1', { egress: 'all' })).toContain('-o hth-1 -j REJECT');
  });
});

describe('subnets', () => {
  it('are read, compared and listed', () => {
    expect(parseSubnet('10.0.5.7/22')).toEqual({ first: 10 * 2 ** 24 + 4 * 256, bits: 22 });
    for (const bad of ['10.0.0', '10.0.0.256/8', '10.0.0.0/33', 'a.b.c.d/8']) expect(parseSubnet(bad)).toBeUndefined();
    expect(overlaps('10.0.0.0/8', '10.189.4.0/22')).toBe(true);
    expect(overlaps('10.189.0.0/22', '10.189.4.0/22')).toBe(false);
    expect(addressesIn('10.0.0.0/29')).toEqual([
      '10.0.0.1',
      '10.0.0.2',
      '10.0.0.3',
      '10.0.0.4',
      '10.0.0.5',
      '10.0.0.6',
    ]);
  });

  it('take name servers of other hosts', () => {
    expect(nameServersOf('search x\nnameserver 127.0.0.53\nnameserver 10.0.0.2\n nameserver fe80::1\n')).toEqual([
      '10.0.0.2',
    ]);
  });
});
