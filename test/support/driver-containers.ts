// Containers of the agent's drivers for the contract suite: made, reached, read and ended by the driver, as the agent does it.
//
// A driver has our runtimes stamp their sentinels with the activation id, which the contract does not know: unless a rule asks for stamps they are
// taken off. Output may come a moment after the answer, so an answer that ends a run is handed on once the sentinels are there.
import type { ContainerDriver } from '../../apps/invoker-agent/src/container-driver';
import { sentinel } from '../../docker/action-runtimes/contract';
import {
  type ActionContainer,
  type Answer,
  postJson,
  type StartContainer,
} from '../../docker/action-runtimes/runtime-process';
import { until } from './until';

const createMs = 30_000;
const settleMs = 1_000;
const outputBytesMax = 1_048_576;
const stamps = new RegExp(`^(${sentinel}) .*$`, 'gm');

/** `driver` has recovered. It tells ends to nobody else. */
export function driverStarter(driver: ContainerDriver, kind: string): StartContainer {
  const ends = new Map<string, (reason: string) => void>();
  driver.onExit((id, reason) => ends.get(id)?.(reason));
  const free = [...driver.addresses];
  let count = 0;
  return async (env = {}) => {
    count += 1;
    const id = `contract-${kind.replace(/\W/g, '-')}-${count}`;
    const address = free.shift()!;
    const spec = { id, kind, memoryMb: 256, concurrency: 1, address };
    const exited = new Promise<number | string>((resolve) => {
      ends.set(id, (reason) => resolve(Number(/exited with code (\d+)/.exec(reason)?.[1] ?? NaN)));
    });
    const { container = '' } = await driver.create(spec, createMs, new AbortController().signal);
    const [host = '', port = ''] = container.split(':');
    const read = (stream: 'stdout' | 'stderr'): string => {
      const into = Buffer.alloc(outputBytesMax);
      const text = into.toString('utf8', 0, driver.logs(id)?.peek(stream, into));
      return env.__HEARTH_LOG_STAMP === undefined ? text.replace(stamps, '$1') : text;
    };
    const sentinels = (): number =>
      Math.min(...(['stdout', 'stderr'] as const).map((stream) => sentinelsIn(read(stream))));
    let expected = 0;
    const post = async (path: string, body: unknown): Promise<Answer> => {
      const answer = await postJson(host, Number(port), path, body);
      if (path === '/init' && answer.status === 200) return answer;
      expected += 1;
      // Refusals have no sentinel.
      await until('sentinels', () => sentinels() >= expected, settleMs).catch(() => (expected = sentinels()));
      return answer;
    };
    return {
      post,
      init: (value) => post('/init', { value: { name: 'action', main: 'main', binary: false, ...value } }),
      run: (value, more = {}) => post('/run', { value, ...more }),
      stdout: () => read('stdout'),
      stderr: () => read('stderr'),
      exited,
      async stop() {
        ends.delete(id);
        await driver.remove(id);
        free.push(address);
      },
    } satisfies Partial<ActionContainer> as unknown as ActionContainer;
  };
}

const sentinelsIn = (log: string): number => log.split('\n').filter((line) => line.startsWith(sentinel)).length;
