// Files that decide: no clock, no socket, no promise, no framework, so that tests and the simulation can drive them. The architecture check looks at
// what they import, the tidiness check at what they call. A file that calls itself pure has to be here; the tidiness check finds it if it is not.
exports.pureFiles = [
  '^apps/scheduler/src/core/',
  '^apps/controller/src/invoke/composition/(component-name|composition|composition-record|conductor-frame|frame|sequence-frame)\\.ts$',
  '^apps/controller/src/invoke/(activation-record|claim-window|container-proxy|container-state|deadlines|forward-format|forwarding|journal-format|load-balancer|overflow|payload|queued-format|retries|run-outcome|rows-in-flight|run-statistics|settlement|share-states|use-leases|warm-containers)\\.ts$',
  '^apps/controller/src/entities/identity-cache\\.ts$',
  '^apps/controller/src/rest/(accept|direct-head)\\.ts$',
  '^apps/controller/src/rest/web/(action-headers|media-types|web-admission|web-arguments|web-path|web-response)\\.ts$',
  '^apps/controller/src/throttle/(rate-window|held-permits)\\.ts$',
  '^apps/invoker-agent/src/(ledger/|logs/(activation-logs|stream-lines|log-budget|sentinel)\\.ts$)',
  '^apps/invoker-agent/src/(reachability|docker/(create-options|isolation-rules)|host/(egress|subnets)|freezer/cgroup-paths|runc/(action-environment|bundle|names|network/(firewall|subnet)))\\.ts$',
  '^libs/invalidation/src/stale\\.ts$',
  '^libs/admin-command/src/(command-line|listings)\\.ts$',
  '^libs/(entity|limits)/src/',
  '^libs/lease/src/leadership\\.ts$',
  '^libs/protocol/src/(leader-search|grant-id|unusable)\\.ts$',
  '^libs/store/src/postgres/(partitions|postgres-errors|text-form)\\.ts$',
  '^libs/terminal/src/(aligned-table|progress-bar)\\.ts$',
  '^libs/workload/src/',
  '^libs/workload-driver/src/(api-host|read-activation|start-path)\\.ts$',
  '^libs/workload-command/src/(command-line|live-table)\\.ts$',
  '^libs/supervisor/src/back-off\\.ts$',
];
