// A closed-loop HTTP load: each connection sends a request, waits for the whole answer, and sends the next.
//
// Runs in a worker thread of its own on plain sockets, since an HTTP client would be the slower half of the measurement. It understands just what
// the contenders answer: a status line and a Content-Length. Guarantees: every answer is read to its end before the next request leaves, an answer other
// than the expected status or a lost connection is an error and counts as no request, latencies are those of successful requests.
import { connect } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';

const endOfHead = Buffer.from('\r\n\r\n');
/** The activation ids of the requests to a bare runtime vary, as they do in life; more variants would not change anything. */
const variants = 64;

/**
 * @typedef {{ ports: number[], path: string, headers?: Record<string, string>, body: string, connections: number, seconds: number }} Load
 * `body` may contain `{{id}}`, which becomes 32 hexadecimal characters.
 * @typedef {{ requests: number, errors: number, firstError?: string, perSecond: number, p50Ms: number, p99Ms: number }} Measurement
 */

/** @param {Load} load @returns {Promise<Measurement>} */
export function drive(load) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: load, execArgv: [] });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

/** @param {Load} load */
function requestsOf({ path, headers = {}, body }) {
  return Array.from({ length: variants }, (_, variant) => {
    const text = body.replaceAll('{{id}}', () => variant.toString(16).padStart(2, '0').repeat(16));
    const lines = {
      host: '127.0.0.1',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      ...headers,
    };
    const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
    return Buffer.from(`POST ${path} HTTP/1.1\r\n${head.join('')}\r\n${text}`);
  });
}

/** Where the answer at the front of the bytes ends, or -1 while it is incomplete. */
function endOfAnswer(bytes) {
  const head = bytes.indexOf(endOfHead);
  if (head < 0) return -1;
  const fields = bytes.latin1Slice(0, head).toLowerCase();
  const at = fields.indexOf('\r\ncontent-length:');
  if (at < 0) throw new Error(`an answer without Content-Length: ${fields.slice(0, 200)}`);
  const end = head + 4 + parseInt(fields.slice(at + 17), 10);
  return bytes.length < end ? -1 : end;
}

/** @param {Load} load @returns {Promise<Measurement>} */
async function measure(load) {
  const requests = requestsOf(load);
  const latencies = [];
  const failures = { count: 0, first: undefined };
  const start = performance.now();
  const until = start + load.seconds * 1000;
  await Promise.all(Array.from({ length: load.connections }, (_, index) => loop(index)));
  const elapsedSeconds = (performance.now() - start) / 1000;
  const sorted = Float64Array.from(latencies).sort();
  const quantile = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return {
    requests: sorted.length,
    errors: failures.count,
    ...(failures.first && { firstError: failures.first }),
    perSecond: sorted.length / elapsedSeconds,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
  };

  function fail(what) {
    failures.count += 1;
    failures.first ??= what;
  }

  function loop(index) {
    return new Promise((done) => {
      const socket = connect({ host: '127.0.0.1', port: load.ports[index % load.ports.length], noDelay: true });
      let next = index * 7;
      let sentAt = 0;
      let rest;
      let isOver = false;
      const over = () => {
        if (isOver) return;
        isOver = true;
        socket.destroy();
        done();
      };
      const send = () => {
        sentAt = performance.now();
        if (sentAt >= until) return over();
        socket.write(requests[next++ % variants]);
      };
      const lost = (what) => {
        if (isOver) return;
        fail(what);
        isOver = true;
        socket.destroy();
        // Not at once: a contender that is down must not be hammered.
        if (performance.now() < until) setTimeout(() => loop(index).then(done), 20);
        else done();
      };
      socket.on('connect', send);
      socket.on('error', (error) => lost(error.message));
      socket.on('close', () => lost('the connection was closed'));
      socket.on('data', (bytes) => {
        const all = rest === undefined ? bytes : Buffer.concat([rest, bytes]);
        rest = undefined;
        let end;
        try {
          end = endOfAnswer(all);
        } catch (error) {
          return lost(error.message);
        }
        if (end < 0) {
          rest = all;
          return;
        }
        // "HTTP/1.1 200"
        if (all.latin1Slice(9, 12) === '200') latencies.push(performance.now() - sentAt);
        else fail(all.toString('utf8', 0, Math.min(end, 600)));
        send();
      });
    });
  }
}

if (!isMainThread && parentPort && workerData?.ports) parentPort.postMessage(await measure(workerData));
