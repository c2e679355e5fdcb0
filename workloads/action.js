// The action of a workload: does the work that a request names, and says in its result (and over a WebSocket, if the request names one) who it is and when it ran.
//
// Plain CommonJS of one file without dependencies, for any OpenWhisk with Node.js 12 or newer. The request: `w` steps of work, `i` its identity, `k` whether to end
// this container half-way, `u` where to call back (ws:). It guarantees nothing about the accuracy of burnt time under load: it burns until the clock says so.
'use strict';
const crypto = require('crypto');
const http = require('http');

const container = crypto.randomBytes(8).toString('hex');
const booted = Date.now() - Math.round(process.uptime() * 1000);
let runs = 0;

// A suspended process cannot see that it is; but a tick that comes much later than it was due has waited for more than the event loop.
let wasStopped = false;
let tick;
let ended = Infinity;
function watch(delay) {
  const due = Date.now() + delay;
  tick = setTimeout(() => {
    if (Date.now() - due > 150) wasStopped = true;
    watch(Math.min(500, delay * 2));
  }, delay);
  tick.due = due;
  tick.unref();
}

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

function burn(ms) {
  const end = process.hrtime.bigint() + BigInt(Math.round(ms * 1e6));
  let turns = 0;
  while (process.hrtime.bigint() < end) turns += 1;
  return turns;
}

async function plain({ memoryMb = 0, logLines = 0, cpuMs = 0, sleepMs = 0 }, held) {
  // Filled, or the kernel would not give it.
  if (memoryMb > 0) held.push(Buffer.alloc(Math.round(memoryMb * 1048576), 1));
  for (let line = 0; line < logLines; line += 1) console.log(`${line}`.padEnd(79, '.'));
  if (cpuMs > 0) burn(cpuMs);
  if (sleepMs > 0) await sleep(sleepMs);
}

async function work(steps, held) {
  for (const step of steps) {
    const others = (step.parallel || []).map((one) => plain(one, held));
    await Promise.all([plain(step, held), ...others]);
  }
}

const halved = ({ parallel = [], cpuMs = 0, sleepMs = 0, ...rest }) => ({
  ...rest,
  cpuMs: cpuMs / 2,
  sleepMs: sleepMs / 2,
  parallel: parallel.map(halved),
});

// One text message over WebSocket (RFC 6455): the handshake, one masked frame. Connections are kept, one for each address.
const sockets = new Map();

function connect(url) {
  return new Promise((resolve, reject) => {
    const { hostname, port, pathname } = new URL(url);
    const key = crypto.randomBytes(16).toString('base64');
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': 13,
      'sec-websocket-key': key,
    };
    const request = http.get({ host: hostname, port: port || 80, path: pathname, headers, agent: false });
    request.on('error', reject);
    request.on('response', (answer) => reject(new Error(`the workload's driver answered ${answer.statusCode}`)));
    request.on('upgrade', (answer, socket) => {
      const forget = () => sockets.delete(url);
      socket.on('error', forget);
      socket.on('close', forget);
      socket.resume();
      resolve(socket);
    });
  });
}

async function tell(url, text) {
  if (!sockets.has(url)) sockets.set(url, connect(url));
  const socket = await sockets.get(url).catch((error) => {
    sockets.delete(url);
    throw error;
  });
  const body = Buffer.from(text);
  const mask = crypto.randomBytes(4);
  const length =
    body.length < 126
      ? Buffer.from([0x80 | body.length])
      : Buffer.from([0x80 | 126, body.length >> 8, body.length & 255]);
  for (let at = 0; at < body.length; at += 1) body[at] ^= mask[at & 3];
  await new Promise((done, fail) => {
    socket.write(Buffer.concat([Buffer.from([0x81]), length, mask, body]), (error) => (error ? fail(error) : done()));
  });
}

async function main({ w: steps = [], i: id = '', k: kills = false, u: callback }) {
  const start = Date.now();
  // A starved process stands still, too, but not for as long as any platform waits before it suspends.
  const stopped = start - ended >= 1000 && (wasStopped || start - tick.due > 150);
  clearTimeout(tick);
  wasStopped = false;
  const before = runs;
  runs += 1;
  if (kills) {
    await work(steps.map(halved), []);
    process.exit(1);
  }
  const held = [];
  await work(steps, held);
  held.length = 0;
  const activation = process.env.__OW_ACTIVATION_ID || '';
  const report = { i: id, a: activation, c: container, n: before, b: booted, z: stopped, s: start, e: Date.now() };
  if (callback) await tell(callback, JSON.stringify({ w: report }));
  ended = report.e;
  watch(5);
  return { w: report };
}

exports.main = main;
