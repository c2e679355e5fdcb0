// The arrows of ARCHITECTURE.md, each with its reason. `npm run architecture` checks them; tests and generated code are left out.

const { pureFiles } = require('./tools/pure-files.cjs');

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one idea in two places, and load in an order that nobody chose.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'apps-meet-in-protocols-only',
      comment:
        'Apps run on different machines. They meet in proto/ and in the agent routes, never in each other’s code.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'libs-do-not-know-apps',
      comment: 'A lib that knows an app cannot serve the other two.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'invoke-does-not-know-rest',
      comment: 'The data path is called by REST and later by others (forwarding, queue); it must not know who calls.',
      severity: 'error',
      from: { path: '^apps/controller/src/invoke/' },
      to: { path: '^apps/controller/src/rest/' },
    },
    {
      name: 'libs-are-entered-by-their-index',
      comment: 'What a lib’s index does not export is its own business and may change.',
      severity: 'error',
      from: { path: '^(apps|libs)/([^/]+)/' },
      to: { path: '^libs/([^/]+)/src/(?!index\\.ts$)', pathNot: '^libs/$2/' },
    },
    {
      name: 'pure-files-decide-only',
      comment:
        'These decide and reserve in one synchronous step. A socket, a timer or a framework in them could not be simulated, and an await between decision and reservation is how memory gets promised twice. Types bring neither; a digest decides nothing by chance (the tidiness check looks for what does).',
      severity: 'error',
      from: { path: pureFiles, pathNot: '\\.spec\\.ts$' },
      to: {
        path: '^(node:)?(fs|net|http|https|child_process|timers|worker_threads|cluster|dgram|dns|tls|os|readline|stream|perf_hooks)(/|$)|node_modules/(@grpc|@nestjs|undici|rxjs|libsql|kysely|pino|prom-client)/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'sql-lives-in-the-store',
      comment: 'One query builder, one set of migrations, one worker thread that may wait for the database.',
      severity: 'error',
      from: { pathNot: ['^libs/store/', '^libs/lease/'] },
      to: { path: 'node_modules/(kysely|libsql|@libsql)/' },
    },
    {
      name: 'leases-use-sqlite-as-a-lock-only',
      comment: 'The lock on the data directory is an open transaction on a file of its own; nothing is queried.',
      severity: 'error',
      from: { path: '^libs/lease/' },
      to: { path: 'node_modules/kysely/' },
    },
    {
      name: 'generated-code-stays-in-protocol',
      comment:
        'libs/protocol decides what of the generated code others see, so that a new generator changes one folder.',
      severity: 'error',
      from: { pathNot: '^libs/protocol/' },
      to: { path: '^libs/protocol/src/generated/' },
    },
    {
      name: 'nest-stays-at-the-edge',
      comment:
        'Nest wires and serves HTTP and gRPC; it does not decide. What decides and what acts is built with new in its test.',
      severity: 'error',
      from: {
        path: '^(apps|libs)/',
        pathNot: [
          '\\.(module|routes|filter|grpc|guard)\\.ts$',
          '^apps/[^/]+/src/[^/]+\\.ts$',
          '^apps/controller/src/rest/',
        ],
      },
      to: { path: 'node_modules/@nestjs/' },
    },
    {
      name: 'the-store-does-not-know-the-protocol',
      comment: 'Stores keep rows; what travels between apps is not their business.',
      severity: 'error',
      from: { path: '^libs/store/' },
      to: { path: '^libs/protocol/' },
    },
    {
      name: 'workloads-drive-any-host',
      comment:
        'A workload knows an API host by OpenWhisk’s API only, so that other platforms are measured by the same means; what Hearth says of itself beyond that API would favour it.',
      severity: 'error',
      from: { path: '^libs/workload(-driver|-command)?/' },
      to: { path: '^libs/(protocol|store|entity|action-container|lease|supervisor)/' },
    },
    {
      name: 'nothing-unresolvable',
      comment: 'An import that this check cannot follow is an arrow that it cannot see.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-development-packages-at-run-time',
      comment: 'Packages of the toolchain are not there in an image of an app.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '\\.(spec|conformance)\\.ts$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^dist/', '\\.spec\\.ts$'] },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['hearth-source', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
