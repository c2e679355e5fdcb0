import { parsePath } from './api-path';
import { edgeDecision } from './edge';

const decide = (method: string, url: string) => edgeDecision(method, parsePath(url));

describe('what method and path say alone', () => {
  it.each([
    '/',
    '/ping',
    '/invokers',
    '/invokers/healthy/count',
    '/api/v1',
    '/api/v1/',
    '/api/v1?x=1',
    '/api/v1/api-docs',
    '/api/v1/docs',
  ])('GET %s is for everybody', (url) => expect(decide('GET', url).kind).toBe('public'));

  it('a POST of a webhook is for everybody, and nothing beside it', () => {
    expect(decide('POST', '/hearth/v1/hooks/guest/t/token').kind).toBe('public');
    for (const url of ['/hearth/v1/hooks/guest/t', '/hearth/v1/webhooks/guest/t/x', '/api/v1/hooks/guest/t/x'])
      expect(decide('POST', url).kind).toBe('authenticated');
    expect(decide('GET', '/hearth/v1/hooks/guest/t/token').kind).toBe('authenticated');
  });

  it.each(['/', '/nosuch', '/api/v1/namespaces/_/actions/a'])('OPTIONS %s is answered', (url) => {
    expect(decide('OPTIONS', url).kind).toBe('options');
  });

  it.each([
    ['POST', '/', 'GET, OPTIONS'],
    ['HEAD', '/ping', 'GET, OPTIONS'],
    ['GET', '/nosuch', 'OPTIONS'],
    ['GET', '/ping/', 'OPTIONS'],
    ['GET', '/api', 'OPTIONS'],
    ['GET', '/api/v2/namespaces', 'OPTIONS'],
    ['POST', '/hearth', 'OPTIONS'],
    ['GET', '/api//v1', 'OPTIONS'],
    ['GET', '//api/v1', 'OPTIONS'],
  ])('%s %s is 405', (method, url, allowed) => {
    expect(decide(method, url)).toMatchObject({
      kind: 'refused',
      rejection: {
        status: 405,
        headers: { Allow: allowed },
        message: `HTTP method not allowed, supported methods: ${allowed}`,
      },
    });
  });

  it.each([
    ['POST', '/api/v1'],
    ['GET', '/api/v1/nosuch'],
    ['GET', '/api/v1/namespaces/'],
    ['GET', '/api/v1/namespaces/_/actions/'],
    ['GET', '/api/v1/namespaces/_/limits/'],
    ['GET', '/api/v1/namespaces/_/actions/pkg/'],
    ['GET', `/api/v1/namespaces/_/activations/${'0'.repeat(32)}/`],
    ['DELETE', '/api/v1/namespaces/_/actions/a'],
    ['POST', '/hearth/v1/alarms/guest/t'],
    ['GET', '/hearth/v1/nosuch'],
  ])('%s %s asks who calls', (method, url) => expect(decide(method, url).kind).toBe('authenticated'));

  it.each([
    ['HEAD', '/api/v1'],
    ['HEAD', '/api/v1/namespaces/_/actions'],
    ['PUT', '/api/v1/namespaces/_/actions/a/'],
    ['GET', '/api/v1/namespaces/_/actions/p/a/'],
    ['GET', `/api/v1/namespaces/_/activations/${'0'.repeat(32)}/logs/`],
    ['GET', '/api/v1/namespaces/_/packages/p/'],
  ])('%s %s asks who calls, and then is nowhere', (method, url) => {
    expect(decide(method, url)).toMatchObject({
      kind: 'refusedAfterAuthentication',
      rejection: { status: 404, cors: false },
    });
  });
});

describe('paths', () => {
  it('are decoded segment by segment', () => {
    expect(parsePath('/a%20b/c%2Fd/?x=1+2').segments).toEqual(['a b', 'c/d']);
    expect(parsePath('/a/?x=1%202').query.get('x')).toBe('1 2');
    expect(parsePath('/a/').hasTrailingSlash).toBe(true);
  });

  it.each(['/%zz', '/%C3%28', '/a/%'])('cannot be %s', (url) => {
    expect(() => parsePath(url)).toThrow(expect.objectContaining({ status: 400 }) as Error);
  });
});
