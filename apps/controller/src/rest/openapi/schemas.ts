// The bodies of the API, as JSON schemas. Pure.
const keyValues = {
  type: 'array',
  items: { type: 'object', required: ['key', 'value'], properties: { key: { type: 'string' }, value: {} } },
};
const common = {
  version: { type: 'string' },
  publish: { type: 'boolean' },
  annotations: keyValues,
  parameters: keyValues,
};
const object = (properties: object, more: object = {}): object => ({ type: 'object', properties, ...more });

export const schemas = {
  Error: object({ error: { type: 'string' }, code: { type: 'string' } }, { required: ['error', 'code'] }),
  Payload: { type: 'object' },
  ActionPut: object({
    ...common,
    exec: object({
      kind: { type: 'string' },
      code: { type: 'string' },
      main: { type: 'string' },
      image: { type: 'string' },
      components: { type: 'array', items: { type: 'string' } },
    }),
    limits: object({
      timeout: { type: 'integer' },
      memory: { type: 'integer' },
      logs: { type: 'integer' },
      concurrency: { type: 'integer' },
    }),
    delAnnotations: { type: 'array', items: { type: 'string' } },
  }),
  PackagePut: object({ ...common, binding: object({ namespace: { type: 'string' }, name: { type: 'string' } }) }),
  TriggerPut: object({ ...common, limits: { type: 'object' } }),
  RulePut: object({
    trigger: { type: 'string' },
    action: { type: 'string' },
    annotations: keyValues,
    publish: { type: 'boolean' },
    version: { type: 'string' },
  }),
  WebhookPut: object({ headers: { type: 'array', items: { type: 'string' } } }),
  RuleStatus: object({ status: { type: 'string', enum: ['active', 'inactive'] } }, { required: ['status'] }),
} as const;
