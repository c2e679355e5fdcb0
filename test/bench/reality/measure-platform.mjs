// What the platform adds to its containers: the time and the processor time of warm requests and of cold ones, one after the other, and of doing nothing.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { root } from '../scheduler/root.mjs';
import { sleepMs } from './measure-agent.mjs';
import { processorMs } from './processor-time.mjs';

const warmUps = 60;
const warms = 200;
const colds = 20;
const betweenMs = 15;
const coldBetweenMs = 150;
const idleMs = 3_000;
/** No stem cell has it. */
const coldMb = 192;

const code = readFileSync(`${root}/workloads/action.js`, 'utf8');

/** `platform`: of platform.mjs. Times in milliseconds, one for each request; `…BusyMs`: processor time of one. */
export async function measurePlatform({ apiHost, authorization, pid }) {
  const pool = new Pool(apiHost, { connections: 1 });
  const call = async (method, path, body) => {
    const headers = { authorization, 'content-type': 'application/json' };
    const answer = await pool.request({
      method,
      path: `/api/v1/namespaces/_/actions/${path}`,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode !== 200) throw new Error(`${method} ${path} was answered ${answer.statusCode} ${text}`);
    return JSON.parse(text);
  };
  const put = (name, memory) => call('PUT', name, { exec: { kind: 'nodejs:20', code }, limits: { memory } });
  const invoke = async (name) => {
    const from = performance.now();
    const { annotations } = await call('POST', `${name}?blocking=true`, { i: 'x', w: [{ sleepMs }] });
    return { tookMs: performance.now() - from, waitMs: annotations.find(({ key }) => key === 'waitTime')?.value ?? 0 };
  };
  /** Of each request, less what the platform uses anyway. */
  const series = async (count, pauseMs, act) => {
    const [from, before] = [performance.now(), processorMs(pid)];
    const found = [];
    for (let at = 0; at < count; at += 1) {
      found.push(await act(at));
      await sleep(pauseMs);
    }
    const idle = idleShare * (performance.now() - from);
    return { found, busyMs: Math.max(0, (processorMs(pid) - before - idle) / count) };
  };
  const before = processorMs(pid);
  await sleep(idleMs);
  const idleShare = (processorMs(pid) - before) / idleMs;
  const names = ['warm', ...Array.from({ length: colds }, (_, at) => `cold-${at}`)];
  for (const name of names) await put(name, coldMb);
  await series(warmUps, 0, () => invoke('warm'));
  const warm = await series(warms, betweenMs, () => invoke('warm'));
  const cold = await series(colds, coldBetweenMs, (at) => invoke(`cold-${at}`));
  for (const name of names) await call('DELETE', name);
  await pool.close();
  return {
    idleShare,
    warm: warm.found.map(({ tookMs }) => tookMs),
    warmBusyMs: warm.busyMs,
    coldWait: cold.found.map(({ waitMs }) => waitMs),
    cold: cold.found.map(({ tookMs }) => tookMs),
    coldBusyMs: cold.busyMs,
  };
}
