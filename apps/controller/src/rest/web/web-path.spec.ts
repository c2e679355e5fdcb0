import { webTarget } from './web-path';

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
