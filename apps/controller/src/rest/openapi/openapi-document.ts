// The OpenAPI 3 document of the API, put together from a table of its routes. Pure.
//
// Guarantee: it names every route and no other (openapi-document.spec.ts compares it with what is served); bodies are described as far as they are
// looked at, since unknown members are ignored.
import { routes, type RouteTable } from './route-table';
import { schemas } from './schemas';

type Json = Readonly<Record<string, unknown>>;

const json = (schema: Json): Json => ({ 'application/json': { schema } });
const reference = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });

const queryTypes: Readonly<Record<string, Json>> = {
  limit: { type: 'integer', minimum: 0, maximum: 200, default: 30 },
  skip: { type: 'integer', minimum: 0, default: 0 },
  count: { type: 'boolean', default: false },
  docs: { type: 'boolean', default: false },
  name: { type: 'string' },
  since: { type: 'integer' },
  upto: { type: 'integer' },
  overwrite: { type: 'boolean', default: false },
  code: { type: 'boolean', default: true },
  blocking: { type: 'boolean', default: false },
  result: { type: 'boolean', default: false },
  timeout: { type: 'integer', minimum: 1, maximum: 60_000 },
  force: { type: 'boolean', default: false },
};

function parameters(path: string, query: readonly string[]): Json[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    ...{ name, in: 'path', required: true },
    schema:
      name === 'activationId' ? { type: 'string', pattern: '^[0-9a-f]{32}$' } : { type: 'string', maxLength: 256 },
  }));
  return [...inPath, ...query.map((name) => ({ name, in: 'query', schema: queryTypes[name] }))];
}

function operation(path: string, route: RouteTable[number]): Json {
  const { summary, query = [], body, isPublic = false, answers } = route;
  const failure = {
    description: 'Refused: a sentence, and the id of the transaction',
    content: json(reference('Error')),
  };
  const responses = Object.fromEntries(answers.map((status) => [String(status), { description: summary }]));
  return {
    summary,
    parameters: parameters(path, query),
    ...(body === undefined ? {} : { requestBody: { content: json(reference(body)) } }),
    responses: { ...responses, default: failure },
    ...(isPublic ? { security: [] } : {}),
  };
}

export function openApiDocument(version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    for (const path of route.paths) {
      const item = (paths[path] ??= {});
      for (const method of route.methods) item[method] = operation(path, route);
    }
  }
  return {
    openapi: '3.0.3',
    info: {
      title: 'Hearth',
      version,
      description: 'The REST API of Apache OpenWhisk, as Hearth serves it.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    security: [{ basic: [] }],
    paths,
    components: { schemas, securitySchemes: { basic: { type: 'http', scheme: 'basic' } } },
  };
}
