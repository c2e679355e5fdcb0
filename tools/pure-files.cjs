// Files that decide: no clock, no socket, no promise, no framework, so that tests and the simulation can drive them. The architecture check looks at
// what they import, the tidiness check at what they call.
exports.pureFiles = [
  '^apps/scheduler/src/core/',
  '^apps/controller/src/invoke/(activation-record|container-proxy|container-state|deadlines|forward-format|forwarding|journal-format|load-balancer|overflow|payload|queued-format|run-outcome|settlement|run-statistics|share-states|use-leases|warm-containers)\\.ts$',
  '^apps/invoker-agent/src/(ledger/|logs/(activation-logs|stream-lines|log-budget|sentinel)\\.ts$)',
  '^libs/(entity|limits)/src/',
  '^libs/lease/src/leadership\\.ts$',
  '^libs/protocol/src/(leader-search|grant-id)\\.ts$',
  '^libs/supervisor/src/back-off\\.ts$',
];
