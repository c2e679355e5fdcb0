import { type FirewallPlan, firewallRules } from './firewall';
import { isWithin, overlaps } from '../../host/subnets';
import { defaultSubnet, subnetOf } from './subnet';

describe('subnet', () => {
  it('gives the first address to the bridge, and none to the broadcast', () => {
    const { cidr, gateway, hosts } = subnetOf('10.77.0.0/28');
    expect({ cidr, gateway }).toEqual({ cidr: '10.77.0.0/28', gateway: '10.77.0.1' });
    expect(hosts).toHaveLength(13);
    expect([hosts[0], hosts.at(-1)]).toEqual(['10.77.0.2', '10.77.0.14']);
  });

  it.each([
    ['10.0.0.0/8', '10.77.0.0/20', true],
    ['10.77.16.0/20', '10.77.0.0/20', false],
    ['10.77.15.255', '10.77.0.0/20', true],
    ['192.168.0.0/16', '10.77.0.0/20', false],
  ])('%s and %s overlap: %s', (one, other, expected) => {
    expect(overlaps(one, other)).toBe(expected);
    expect(overlaps(other, one)).toBe(expected);
  });

  it.each([
    ['10.189.232.0/22', '10.189.232.0/22', true],
    ['10.189.233.7/32', '10.189.232.0/22', true],
    ['10.0.0.0/8', '10.189.232.0/22', false],
    ['10.189.236.0/22', '10.189.232.0/22', false],
  ])('%s is within %s: %s', (inner, outer, expected) => {
    expect(isWithin(inner, outer)).toBe(expected);
  });

  it('refuses one that no node can fill', () => {
    expect(() => subnetOf('10.0.0.0/8')).toThrow(/at least 16 bits/);
  });

  it('is another one for each of a few nodes, and within 10.64.0.0/10', () => {
    const subnets = ['node0', 'node1', 'node2', 'node3'].map(defaultSubnet);
    expect(new Set(subnets).size).toBe(4);
    for (const cidr of subnets) {
      expect(overlaps(cidr, '10.64.0.0/10')).toBe(true);
      expect(subnetOf(cidr).cidr).toBe(cidr);
    }
  });
});

describe('firewall', () => {
  const plan: FirewallPlan = {
    table: 't',
    bridge: 'br',
    cidr: '10.77.0.0/20',
    gateway: '10.77.0.1',
    api: { isLoopback: true, addresses: ['127.0.0.1'], port: 3233 },
    nameServers: ['9.9.9.9'],
    egress: 'internet',
    allow: [],
  };
  const chain = (name: string, overrides: Partial<FirewallPlan> = {}): string[] => {
    const text = firewallRules({ ...plan, ...overrides });
    const body = new RegExp(`chain ${name} \\{\\n([^}]*(?:\\{[^}]*\\}[^}]*)*?)\\n  \\}`).exec(text)?.[1] ?? '';
    return body.split('\n').map((line) => line.trim());
  };

  it('lets containers reach the API on this host and nothing else', () => {
    expect(chain('input').slice(-2)).toEqual(['ct status dnat ip daddr 127.0.0.1 tcp dport 3233 accept', 'drop']);
    expect(chain('prerouting')[1]).toBe('iifname "br" ip daddr 10.77.0.1 tcp dport 3233 dnat ip to 127.0.0.1:3233');
    const remote = { isLoopback: false, addresses: ['192.0.2.7'], port: 443 };
    expect(chain('input', { api: remote })).toContain('ip daddr { 192.0.2.7 } tcp dport 443 accept');
    expect(chain('forward', { api: remote })).toContain('ip daddr { 192.0.2.7 } tcp dport 443 accept');
    expect(chain('prerouting', { api: remote })).toEqual(['']);
  });

  it('ends forwarding with a drop, whatever is open', () => {
    for (const egress of ['none', 'internet', 'all'] as const) {
      const rules = chain('forward', { egress });
      expect(rules.at(-1)).toBe('drop');
      expect(rules[2]).toBe('oifname "br" drop');
    }
    expect(chain('forward', { egress: 'none' })).toHaveLength(5);
    expect(chain('forward').join()).toContain('169.254.0.0/16');
  });

  it('opens what is allowed, with its port if it has one', () => {
    const rules = chain('forward', { egress: 'none', allow: ['10.1.0.0/16', '10.2.0.1:5432'] });
    expect(rules).toContain('ip daddr 10.1.0.0/16 accept');
    expect(rules).toContain('ip daddr 10.2.0.1 tcp dport 5432 accept');
  });
});
