// Every route of the API: paths, methods, what is read of the query and of the body. Pure.

export interface Route {
  readonly summary: string;
  readonly paths: readonly string[];
  readonly methods: readonly string[];
  readonly query?: readonly string[];
  /** Name of a schema. */
  readonly body?: string;
  /** Nobody has to authenticate. */
  readonly isPublic?: boolean;
  readonly answers: readonly number[];
}
export type RouteTable = readonly Route[];

const own = '/api/v1/namespaces/{namespace}';
const list = ['limit', 'skip', 'count'];
const actions = [`${own}/actions/{name}`, `${own}/actions/{package}/{name}`];
const web = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'];

/** Those of one entity: read, write, remove. */
const crud = (
  name: string,
  body: string,
  paths: readonly string[],
  more: { read?: string[]; remove?: string[] } = {},
): Route[] => [
  { summary: `Read a ${name}`, paths, methods: ['get'], query: more.read ?? [], answers: [200] },
  { summary: `Create or update a ${name}`, paths, methods: ['put'], query: ['overwrite'], body, answers: [200] },
  { summary: `Delete a ${name}`, paths, methods: ['delete'], query: more.remove ?? [], answers: [200] },
];

export const routes: RouteTable = [
  { summary: 'What this server can do', paths: ['/'], methods: ['get'], isPublic: true, answers: [200] },
  { summary: 'Liveness', paths: ['/ping'], methods: ['get'], isPublic: true, answers: [200] },
  { summary: 'State of the nodes', paths: ['/invokers'], methods: ['get'], isPublic: true, answers: [200] },
  {
    summary: 'How many nodes are well',
    paths: ['/invokers/healthy/count'],
    methods: ['get'],
    isPublic: true,
    answers: [200],
  },
  { summary: 'What this API is', paths: ['/api/v1'], methods: ['get'], isPublic: true, answers: [200] },
  {
    summary: "OpenWhisk's Swagger document",
    paths: ['/api/v1/api-docs'],
    methods: ['get'],
    isPublic: true,
    answers: [200],
  },
  { summary: 'This document', paths: ['/api/v1/openapi.json'], methods: ['get'], isPublic: true, answers: [200] },
  { summary: 'Documentation', paths: ['/api/v1/docs'], methods: ['get'], isPublic: true, answers: [308] },
  { summary: 'The namespace of the credential', paths: ['/api/v1/namespaces'], methods: ['get'], answers: [200] },
  { summary: 'Limits of the namespace', paths: [`${own}/limits`], methods: ['get'], answers: [200] },
  { summary: 'No limit has a page of its own', paths: [`${own}/limits/{name}`], methods: ['get'], answers: [400] },
  { summary: 'List actions', paths: [`${own}/actions`], methods: ['get'], query: list, answers: [200] },
  ...crud('action', 'ActionPut', actions, { read: ['code'] }),
  {
    summary: 'Invoke an action',
    paths: actions,
    methods: ['post'],
    query: ['blocking', 'result', 'timeout'],
    body: 'Payload',
    answers: [200, 202, 500, 502],
  },
  { summary: 'List packages', paths: [`${own}/packages`], methods: ['get'], query: list, answers: [200] },
  ...crud('package', 'PackagePut', [`${own}/packages/{name}`], { remove: ['force'] }),
  { summary: 'List triggers', paths: [`${own}/triggers`], methods: ['get'], query: list, answers: [200] },
  ...crud('trigger', 'TriggerPut', [`${own}/triggers/{name}`]),
  {
    summary: 'Fire a trigger',
    paths: [`${own}/triggers/{name}`],
    methods: ['post'],
    body: 'Payload',
    answers: [202, 204],
  },
  {
    summary: 'What a feed of /whisk.system/alarms tells of the life of a trigger',
    paths: ['/hearth/v1/alarms/{namespace}/{name}'],
    methods: ['post'],
    body: 'Payload',
    answers: [200],
  },
  {
    summary: 'Look at the webhook of a trigger, or remove it',
    paths: ['/hearth/v1/webhooks/{namespace}/{name}'],
    methods: ['get', 'delete'],
    answers: [200],
  },
  {
    summary: 'Make the webhook of a trigger, or give it a new token',
    paths: ['/hearth/v1/webhooks/{namespace}/{name}'],
    methods: ['put'],
    body: 'WebhookPut',
    answers: [200],
  },
  {
    summary: 'Fire a trigger by its webhook',
    paths: ['/hearth/v1/hooks/{namespace}/{name}/{token}'],
    methods: ['post'],
    body: 'Payload',
    isPublic: true,
    answers: [202, 204],
  },
  { summary: 'List rules', paths: [`${own}/rules`], methods: ['get'], query: list, answers: [200] },
  ...crud('rule', 'RulePut', [`${own}/rules/{name}`]),
  {
    summary: 'Enable or disable a rule',
    paths: [`${own}/rules/{name}`],
    methods: ['post'],
    body: 'RuleStatus',
    answers: [200],
  },
  {
    summary: 'List activations',
    paths: [`${own}/activations`],
    methods: ['get'],
    query: [...list, 'name', 'since', 'upto', 'docs'],
    answers: [200],
  },
  { summary: 'Read an activation', paths: [`${own}/activations/{activationId}`], methods: ['get'], answers: [200] },
  { summary: 'Read its logs', paths: [`${own}/activations/{activationId}/logs`], methods: ['get'], answers: [200] },
  { summary: 'Read its result', paths: [`${own}/activations/{activationId}/result`], methods: ['get'], answers: [200] },
  {
    summary: 'Call a web action',
    paths: ['/api/v1/web/{namespace}/{package}/{name}'],
    methods: web,
    isPublic: true,
    answers: [200, 202, 204],
  },
];
