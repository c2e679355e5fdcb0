// The document and what is served are the same: every route of Nest, and the two before it, stands in it, and nothing else.
import 'reflect-metadata';
import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants';
import { defaultLimits } from '#limits';
import { silentLogger } from '#telemetry';
import { InProcessInvalidation } from '../../entities/cache-invalidation';
import { type RestUnderTest, startRest } from '../rest-under-test';
import { RestModule } from '../rest.module';
import { openApiDocument } from './openapi-document';

const list = (value: string | string[]): string[] => (Array.isArray(value) ? value : [value]);

type RestParts = Parameters<typeof RestModule.register>[0];

/** `get /api/v1/…` with names of path parameters left out. */
function servedRoutes(controllers: readonly Type[]): string[] {
  return controllers.flatMap((controller) => {
    const base = Reflect.getMetadata(PATH_METADATA, controller) as string;
    const prototype = controller.prototype as Record<string, object>;
    return Object.getOwnPropertyNames(prototype).flatMap((name) => {
      const method = Reflect.getMetadata(METHOD_METADATA, prototype[name]!) as RequestMethod | undefined;
      if (method === undefined) return [];
      const paths = list(Reflect.getMetadata(PATH_METADATA, prototype[name]!) as string | string[]);
      return paths.map((path) => {
        const whole = `/${[base, path]
          .map((part) => part.replace(/^\/+|\/+$/g, ''))
          .filter((part) => part !== '')
          .join('/')}`;
        return `${RequestMethod[method].toLowerCase()} ${whole.replace(/:\w+/g, '{}')}`;
      });
    });
  });
}

describe('the OpenAPI document', () => {
  let rest: RestUnderTest;
  beforeAll(async () => (rest = await startRest()));
  afterAll(() => rest.stop());

  it('names every route that is served, and no other', () => {
    const invalidation = new InProcessInvalidation();
    const parts = { logger: silentLogger, stores: {}, limits: defaultLimits, invalidation };
    const served = servedRoutes((RestModule.register(parts as unknown as RestParts).controllers ?? []) as Type[]);
    const early = ['{}', '{}/{}'].map((rest) => `post /api/v1/namespaces/{}/actions/${rest}`);
    const web = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'].map(
      (method) => `${method} /api/v1/web/{}/{}/{}`,
    );
    const { paths } = openApiDocument('0') as { paths: Record<string, object> };
    const described = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path.replace(/\{\w+\}/g, '{}')}`),
    );
    expect(described.sort()).toEqual([...served, ...early, ...web].sort());
  });

  it('is served to anybody', async () => {
    const answer = await rest.ask('GET', '/api/v1/openapi.json', undefined, { authorization: '' });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(answer.body).toMatchObject({ openapi: '3.0.3', info: { title: 'Hearth' } });
    expect((await rest.ask('POST', '/api/v1/openapi.json')).status).toBe(404);
  });

  it('refers to nothing that it does not hold', () => {
    const document = openApiDocument('0') as { components: { schemas: Record<string, unknown> } };
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name!,
    );
    expect(references.filter((name) => !(name in document.components.schemas))).toEqual([]);
  });
});
