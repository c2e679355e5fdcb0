// The tests' own Docker Engine: what its `end` promises also holds after it was killed with containers running or suspended.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { Dockerd } from '../support/dockerd';
import { until } from '../support/until';

/** Of all processes whose arguments name this directory. */
function processesOf(directory: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && existsSync(`/proc/${name}/cmdline`))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return ''; // It has just ended.
      }
    })
    .filter((words) => words.includes(directory));
}

it.each(['runs', 'is suspended'])(
  'leaves no process behind after a kill -9 while a container %s',
  async (state) => {
    const engine = await Dockerd.start();
    let container = '';
    try {
      const what = { Image: 'hearth/action-nodejs-v20', Cmd: ['sleep', '600'], HostConfig: { NetworkMode: 'none' } };
      const { Id } = (await engine.ask('POST', '/containers/create', what)).json as { Id: string };
      expect((await engine.ask('POST', `/containers/${Id}/start`)).status).toBe(204);
      const { State } = (await engine.ask('GET', `/containers/${Id}/json`)).json as { State: { Pid: number } };
      container = `/proc/${State.Pid}`;
      if (state === 'is suspended') {
        expect((await engine.ask('POST', `/containers/${Id}/pause`)).status).toBe(204);
      }
      expect(processesOf(engine.directory).some((words) => words.includes('containerd-shim'))).toBe(true);
      // Not by `kill`: whoever ends it need not say so.
      const daemon = `/proc/${engine.pid}`;
      process.kill(engine.pid, 'SIGKILL');
      await until('dockerd is gone', () => !existsSync(daemon));
      expect(existsSync(container)).toBe(true);
    } finally {
      await engine.end();
    }
    expect(processesOf(engine.directory)).toEqual([]);
    expect(existsSync(container)).toBe(false);
  },
  120_000,
);
