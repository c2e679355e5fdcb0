// Files that decide: no clock, no socket, no promise, no framework, so that tests and the simulation can drive them. The architecture check looks at
// what they import, the tidiness check at what they call.
exports.pureFiles = [
  '^apps/scheduler/src/(container-pool|placement|reclaim|stem-cells|share-states|nodes|leadership|settlement)[^/]*\\.ts$',
  '^apps/scheduler/src/(pool|leadership|share-states)/(?!.*\\.(grpc|routes|module|shell)\\.ts$)',
  '^apps/controller/src/invoke/(warm-containers|container-state|container-proxy|overflow|share-states|settlement|deadlines|run-statistics|use-leases)\\.ts$',
  '^apps/invoker-agent/src/(ledger/|epoch-fence)',
  '^libs/(entity|limits)/src/',
  '^libs/supervisor/src/back-off\\.ts$',
];
