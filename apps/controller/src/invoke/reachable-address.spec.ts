import { reachableAddress } from './reachable-address';

describe('the address at which a container is called', () => {
  const addresses = {
    container: '10.0.0.2:8080',
    published: '192.0.2.1:30001',
    proxy: '192.0.2.1:3235',
    unixSocket: '/c/1/run.sock',
  };
  const nowhere = { container: '', published: '', proxy: '', unixSocket: '' };
  const direct = (address: string) => ({ address, isTunnelled: false });

  it('is its socket where that is on this host', () => {
    expect(reachableAddress(addresses, (path) => path === '/c/1/run.sock')).toEqual(direct('/c/1/run.sock'));
  });

  it('is its own port elsewhere, else the published one', () => {
    expect(reachableAddress(addresses, () => false)).toEqual(direct('10.0.0.2:8080'));
    expect(reachableAddress({ ...addresses, container: '' }, () => false)).toEqual(direct('192.0.2.1:30001'));
    expect(reachableAddress({ ...addresses, unixSocket: '' }, () => true)).toEqual(direct('10.0.0.2:8080'));
  });

  it('is its agent, to be asked for a tunnel, when nothing else is offered', () => {
    const only = { ...nowhere, proxy: '192.0.2.1:3235' };
    expect(reachableAddress(only, () => true)).toEqual({ address: '192.0.2.1:3235', isTunnelled: true });
    const socketElsewhere = { ...only, unixSocket: '/c/1/run.sock' };
    expect(reachableAddress(socketElsewhere, () => false).isTunnelled).toBe(true);
    expect(reachableAddress(socketElsewhere, () => true)).toEqual(direct('/c/1/run.sock'));
  });

  it('is none where none is offered', () => {
    expect(reachableAddress(undefined, () => true)).toEqual(direct(''));
    expect(reachableAddress(nowhere, () => true)).toEqual(direct(''));
  });
});
