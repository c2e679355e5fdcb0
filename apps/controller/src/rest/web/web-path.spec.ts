import { vanityUrl, webTarget } from './web-path';

const at = '/api/v1/web';

describe('a web action’s URL', () => {
  it.each([
    ['guest/default/w', { action: { packageName: undefined, name: 'w' }, extension: '.http' }],
    ['guest/pkg/w', { action: { packageName: 'pkg', name: 'w' }, extension: '.http' }],
    ['guest/pkg/w.http', { action: { name: 'w' }, extension: '.http' }],
    ['guest/pkg/w.json', { action: { name: 'w' }, extension: '.json' }],
    ['guest/pkg/w.html', { action: { name: 'w' }, extension: '.html' }],
    ['guest/pkg/w.svg', { action: { name: 'w' }, extension: '.svg' }],
    ['guest/pkg/w.text', { action: { name: 'w' }, extension: '.text' }],
    // what is no extension belongs to the name
    ['guest/pkg/w.xml', { action: { name: 'w.xml' }, extension: '.http' }],
    ['guest/pkg/w.JSON', { action: { name: 'w.JSON' }, extension: '.http' }],
    ['guest/pkg/w.json.html', { action: { name: 'w.json' }, extension: '.html' }],
    // what follows stays as it was sent
    ['guest/pkg/w.json/', { path: '/', query: '' }],
    ['guest/pkg/w.json/a%2Fb//c?x=%20&y', { path: '/a%2Fb//c', query: 'x=%20&y' }],
    ['guest/pkg/w?', { path: '', query: '' }],
    ['guest/pkg/w?a?b/c', { path: '', query: 'a?b/c' }],
    // segments are decoded; names may hold what entities’ names may
    ['me%40x.org/my%20pkg/a%26b.json', { action: { namespace: 'me@x.org', packageName: 'my pkg', name: 'a&b' } }],
    ['_/default/w', { action: { namespace: '_' } }],
  ])('%s', (path, expected) => expect(webTarget(`${at}/${path}`)).toMatchObject(expected));

  it.each([
    '',
    '/',
    '/guest',
    '/guest/default',
    '/guest/default/',
    '/guest//w',
    '/guest/default//w',
    '/guest/default/.json',
    '/guest/default/a%20.json',
    '/guest/default/a%2Fb',
    '/guest/..%2F/w',
    '/guest/%2e%2e/w',
    '/guest/default/%zz',
    '/gu$est/default/w',
    `/guest/default/${'x'.repeat(257)}`,
  ])('is not %p', (rest) => expect(webTarget(at + rest)).toBeUndefined());

  it('lies below its prefix only', () => {
    expect(webTarget('/api/v1/webx/guest/default/w')).toBeUndefined();
    expect(webTarget('/api/v1/namespaces/guest/actions/w')).toBeUndefined();
  });
});

describe('a host that stands for a namespace', () => {
  it.each([
    ['guest.example.org', '/pkg/a.html?x=1', '/guest/pkg/a.html?x=1'],
    ['Guest.EXAMPLE.org:3233', '/pkg/a', '/guest/pkg/a'],
    ['my-ns.example.org', '/', '/my-ns/public/index.html'],
    ['guest.example.org', '/?x=1', '/guest/public/index.html?x=1'],
    ['guest.example.org', '/short', '/guest/short'],
    ['guest.example.org', '/api/v2', '/guest/api/v2'],
    ['guest.example.org', '/metrics', '/guest/metrics'],
  ])('%s%s', (host, url, expected) => expect(vanityUrl(host, url, 'example.org')).toBe(at + expected));

  it.each([
    ['example.org', '/pkg/a'],
    ['a.b.example.org', '/pkg/a'],
    ['.example.org', '/pkg/a'],
    ['guest.example.org.', '/pkg/a'],
    ['guestexample.org', '/pkg/a'],
    ['guest%2f..example.org', '/pkg/a'],
    ['127.0.0.1:3233', '/pkg/a'],
    [undefined, '/pkg/a'],
    ['guest.example.org', '/api/v1/namespaces'],
    ['guest.example.org', '/api/v1'],
    ['guest.example.org', '*'],
  ])('is not %s%s', (host, url) => expect(vanityUrl(host, url, 'example.org')).toBeUndefined());
});
