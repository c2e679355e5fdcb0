import { cgroupDirectories } from './cgroup-paths';

const v2Mount = '34 23 0:29 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:9 - cgroup2 cgroup2 rw,nsdelegate';
const v1Mounts = [
  '33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:4 master:1 - cgroup cgroup rw,cpu,cpuacct',
  '37 31 0:34 / /sys/fs/cgroup/freezer rw,relatime - cgroup cgroup rw,freezer',
  '40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd',
];
const hybridMounts = [...v1Mounts, '41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw'];

const find = (cgroup: string[], mounts: string[]): object => cgroupDirectories(cgroup.join('\n'), mounts.join('\n'));

describe('where a freezer is', () => {
  it('finds it in the unified hierarchy', () => {
    expect(find(['0::/system.slice/docker-ab12.scope'], [v2Mount])).toEqual({
      v2: '/sys/fs/cgroup/system.slice/docker-ab12.scope',
    });
  });

  it('finds the hierarchy of version 1 that has the freezer', () => {
    expect(find(['9:name=systemd:/a', '6:freezer:/docker/ab12', '1:cpu,cpuacct:/b'], v1Mounts)).toEqual({
      v1: '/sys/fs/cgroup/freezer/docker/ab12',
    });
  });

  it('finds both on a hybrid machine, each at its own path', () => {
    expect(find(['6:freezer:/docker/ab12', '0::/x'], hybridMounts)).toEqual({
      v1: '/sys/fs/cgroup/freezer/docker/ab12',
      v2: '/sys/fs/cgroup/unified/x',
    });
  });

  it('takes freezer among several controllers, and a path with colons', () => {
    const mount = '37 31 0:34 / /cg/cpu,freezer rw - cgroup cgroup rw,cpu,freezer';
    expect(find(['6:cpu,freezer:/system.slice:docker:ab12'], [mount])).toEqual({
      v1: '/cg/cpu,freezer/system.slice:docker:ab12',
    });
  });

  it('cuts off what is mounted, where that is not the root', () => {
    const mount = '34 23 0:29 /machine.slice/m1 /sys/fs/cgroup rw - cgroup2 cgroup2 rw';
    expect(find(['0::/machine.slice/m1/hearth/c1'], [mount])).toEqual({ v2: '/sys/fs/cgroup/hearth/c1' });
    expect(find(['0::/machine.slice/m10/c1'], [mount])).toEqual({});
  });

  it('reads mount points with blanks', () => {
    expect(find(['0::/a'], ['34 23 0:29 / /my\\040cgroups rw - cgroup2 cgroup2 rw'])).toEqual({ v2: '/my cgroups/a' });
  });

  it.each([
    ['the root', '0::/'],
    ['the root of version 1', '6:freezer:/'],
    ['what lies above our cgroup namespace', '0::/../sibling'],
    ['another controller', '3:devices:/docker/ab12'],
    ['nothing at all', ''],
  ])('refuses %s', (_, line) => {
    expect(find([line], hybridMounts)).toEqual({});
  });

  it('answers nothing where nothing is mounted', () => {
    expect(find(['6:freezer:/a', '0::/b'], ['', '22 1 8:1 / / rw - ext4 /dev/sda1 rw'])).toEqual({});
  });
});
