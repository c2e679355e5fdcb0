import { reachableAddress } from './reachable-address';

describe('the address at which a container is called', () => {
  const addresses = {
    container: '10.0.0.2:8080',
    published: '192.0.2.1:30001',
    proxy: '',
    unixSocket: '/c/1/run.sock',
  };

  it('is its socket where that is on this host', () => {
    expect(reachableAddress(addresses, (path) => path === '/c/1/run.sock')).toBe('/c/1/run.sock');
  });

  it('is its own port elsewhere, else the published one', () => {
    expect(reachableAddress(addresses, () => false)).toBe('10.0.0.2:8080');
    expect(reachableAddress({ ...addresses, container: '' }, () => false)).toBe('192.0.2.1:30001');
    expect(reachableAddress({ ...addresses, unixSocket: '' }, () => true)).toBe('10.0.0.2:8080');
  });

  it('is none where none is offered', () => {
    expect(reachableAddress(undefined, () => true)).toBe('');
    expect(reachableAddress({ container: '', published: '', proxy: '', unixSocket: '' }, () => true)).toBe('');
  });
});
