import { offeredAddresses } from './reachability';

describe('what a node tells of where its containers are', () => {
  const addresses = { container: '172.20.0.2:8080', published: '192.0.2.1:30001', unixSocket: '/c/run.sock' };
  const url = 'http://192.0.2.1:3235';

  it.each(['container', 'published'] as const)('is what its driver offers with %s', (reachability) =>
    expect(offeredAddresses(addresses, reachability, url)).toEqual(addresses),
  );

  it('is the agent with proxy', () => {
    expect(offeredAddresses(addresses, 'proxy', url)).toEqual({ proxy: '192.0.2.1:3235', unixSocket: '/c/run.sock' });
    expect(offeredAddresses({}, 'proxy', 'http://node7')).toEqual({ proxy: 'node7:80' });
  });
});
