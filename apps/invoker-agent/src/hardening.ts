// What every isolated container is held to, whichever driver makes it: docker translates these into its own options, runc into an OCI spec.
//
// An action is somebody else's code. It runs as a user that owns nothing on the node, without a single capability, cannot gain any, sees a root
// file system that it cannot write, and has a bounded share of everything that the kernel can run out of. The bounds are OpenWhisk's where it has one.
export const hardening = {
  /** A user and group that no distribution gives to anybody; foreign images keep their own user, without capabilities. */
  uid: 61_000,
  gid: 61_000,
  /** Capabilities that are left: none. */
  capabilities: [] as readonly string[],
  noNewPrivileges: true,
  /** Foreign images may need to write; they get a writable layer, limited in size where the engine can do that. */
  readonlyRoot: true,
  /** Processes and threads of one container; OpenWhisk's. A fork bomb ends here. */
  pidsMax: 1_024,
  /** Open files of one process; OpenWhisk's. */
  openFilesMax: 1_024,
  coreFileBytes: 0,
  /** The only place that our runtimes can write to. What lies there counts as the container's memory, too. */
  temporary: { path: '/tmp', sizeMb: 64, inodesMax: 16_384, options: ['rw', 'nosuid', 'nodev', 'mode=1777'] },
  /** POSIX shared memory, which Python's multiprocessing needs. */
  sharedMemoryMb: 16,
  /** Where a foreign image's server listens, and ours. */
  serverPort: 8_080,
  /** No swap on top: what is over the memory limit ends the container. */
  memoryBytes: (memoryMb: number): number => memoryMb * 1_048_576,
  /** Shares of the processor when it is short, in proportion to memory as in OpenWhisk; 2 is the kernel's least. */
  cpuShares: (memoryMb: number): number => Math.max(2, Math.min(262_144, memoryMb)),
  /** What shows the kernel's secrets, or lets them be changed. Docker's own list. */
  maskedPaths: [
    '/proc/asound',
    '/proc/acpi',
    '/proc/kcore',
    '/proc/keys',
    '/proc/latency_stats',
    '/proc/timer_list',
    '/proc/timer_stats',
    '/proc/sched_debug',
    '/proc/scsi',
    '/sys/firmware',
    '/sys/devices/virtual/powercap',
  ],
  readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
} as const;

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
const namespaceFlags = [0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000];

/**
 * Seccomp for drivers whose engine brings no profile of its own (runc; Docker's default is stricter and is kept there): an OCI `linux.seccomp`.
 * It refuses what an unprivileged process could use against the kernel; everything that needs a capability fails for want of it as well.
 */
export const seccomp = {
  defaultAction: 'SCMP_ACT_ALLOW',
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32', 'SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
  syscalls: [
    {
      action: 'SCMP_ACT_ERRNO',
      errnoRet: 1, // EPERM
      names: [
        // Other namespaces, mounts and roots.
        ...['setns', 'unshare', 'mount', 'umount', 'umount2', 'pivot_root', 'chroot', 'mount_setattr', 'move_mount'],
        ...['open_tree', 'fsopen', 'fsconfig', 'fsmount', 'fspick', 'open_by_handle_at', 'name_to_handle_at'],
        // The kernel's code, clock and devices.
        ...['init_module', 'finit_module', 'delete_module', 'create_module', 'query_module', 'get_kernel_syms'],
        ...[
          'kexec_load',
          'kexec_file_load',
          'reboot',
          'swapon',
          'swapoff',
          'acct',
          'quotactl',
          'quotactl_fd',
          'syslog',
        ],
        ...[
          'settimeofday',
          'stime',
          'clock_settime',
          'clock_settime64',
          'clock_adjtime',
          'clock_adjtime64',
          'adjtimex',
        ],
        ...['iopl', 'ioperm', 'vhangup', 'nfsservctl', 'lookup_dcookie', 'uselib', 'ustat', 'sysfs', '_sysctl'],
        // Doors through which the kernel was broken into before.
        ...[
          'bpf',
          'perf_event_open',
          'userfaultfd',
          'keyctl',
          'add_key',
          'request_key',
          'fanotify_init',
          'vm86',
          'vm86old',
        ],
        ...['io_uring_setup', 'io_uring_enter', 'io_uring_register', 'modify_ldt'],
        // Other processes, and where memory lies.
        ...['ptrace', 'process_vm_readv', 'process_vm_writev', 'process_madvise', 'kcmp', 'pidfd_getfd'],
        ...['mbind', 'move_pages', 'migrate_pages', 'set_mempolicy', 'set_mempolicy_home_node'],
        ...['sethostname', 'setdomainname'],
      ],
    },
    // One rule for each flag, since a process may ask for several.
    ...namespaceFlags.map((flag) => ({
      names: ['clone'],
      action: 'SCMP_ACT_ERRNO',
      errnoRet: 1,
      args: [{ index: 0, value: flag, valueTwo: flag, op: 'SCMP_CMP_MASKED_EQ' }],
    })),
    // Its flags lie behind a pointer, which seccomp cannot follow: as if the kernel were older, and the C library falls back to clone.
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
  ],
} as const;
