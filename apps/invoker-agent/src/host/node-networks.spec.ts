import { nodeNetworks, parseRoutes, routedNetworks } from './node-networks';

const header = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT   ';
const table = [
  header,
  'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0      ',
  'hth-4fe8ba66\t00E8BD0A\t00000000\t0001\t0\t0\t0\t00FCFFFF\t0\t0\t0    ',
  'eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0     ',
  'tun0\t0000120A\t0102000A\t0003\t0\t0\t0\t0000FFFF\t0\t0\t0     ',
  'tun0\t0512140A\t00000000\t0005\t0\t0\t0\tFFFFFFFF\t0\t0\t0     ',
  '',
].join('\n');

describe('networks of the node', () => {
  it('are read from the table of routes, the default route apart', () => {
    expect(parseRoutes(table)).toEqual(['10.189.232.0/22', '192.0.2.0/24', '10.18.0.0/16', '10.20.18.5/32']);
    expect(parseRoutes(header)).toEqual([]);
    expect(parseRoutes('')).toEqual([]);
  });

  it('are read from the kernel', () => {
    expect(nodeNetworks()).toContain('127.0.0.1/8');
    for (const network of routedNetworks()) expect(network).toMatch(/^\d+(\.\d+){3}\/\d+$/);
  });
});
