'use strict';
// The action container of kind nodejs:20: OpenWhisk's POST /init and POST /run over HTTP.
//
// Needs nothing but Node and the files beside it, so it runs unchanged as a child process and inside an image. Settings:
// `__OW_PORT` (8080), `__OW_HOST` (0.0.0.0), `__OW_ALLOW_CONCURRENT` (true: several runs at a time), `__HEARTH_LOG_STAMP` (sentinels carry
// the activation id; so does each line where several runs overlap), `__HEARTH_SOCKET` (path of a Unix socket to listen on as well), `__HEARTH_EXIT_WITH_STDIN` (1: ends when its standard input does). User code sees none of them but the one of OpenWhisk.
// An image that offers packages to text actions names their folder in NODE_PATH.
const { createEnvironment } = require('./environment.js');
const { listen } = require('./http-front.js');
const { loadAction } = require('./load-action.js');
const { createStamps, noStamps } = require('./log-stamps.js');
const { Runtime } = require('./runtime.js');
const { createSentinels } = require('./sentinels.js');

const environment = createEnvironment();
const port = Number(environment.takeAway('__OW_PORT') ?? 8080);
const host = environment.takeAway('__OW_HOST') ?? '0.0.0.0';
const exitsWithStdin = environment.takeAway('__HEARTH_EXIT_WITH_STDIN') === '1';
const path = environment.takeAway('__HEARTH_SOCKET');
const stamped = Boolean(environment.takeAway('__HEARTH_LOG_STAMP'));
environment.takeAwayAll('__HEARTH_');

const allowsConcurrent = (process.env.__OW_ALLOW_CONCURRENT ?? '').toLowerCase() === 'true';
const sentinels = createSentinels(stamped);

const runtime = new Runtime({
  environment,
  sentinels,
  // Behind the sentinels, which are no activation's output.
  stamps: stamped && allowsConcurrent ? createStamps() : noStamps,
  load: loadAction,
  allowsConcurrent,
});

function cannotListen(where, setting) {
  return (error) => {
    process.stderr.write(
      `action runtime: cannot listen on ${where} (${error.message}); choose another with ${setting}.\n`,
    );
    process.exit(1);
  };
}
// The port last: whoever finds it open may use the socket too.
const openPort = () =>
  listen({ port, host }, runtime.answer, cannotListen(`${host}:${port}`, '__OW_HOST and __OW_PORT'));
if (path === undefined) openPort();
else listen({ path }, runtime.answer, cannotListen(path, '__HEARTH_SOCKET'), openPort);

if (exitsWithStdin) {
  const exit = () => process.exit(0);
  process.stdin.on('end', exit).on('close', exit).on('error', exit).resume();
}
// The kernel's default for signals does not apply to the first process of a container.
if (process.pid === 1) process.on('SIGTERM', () => process.exit(143));
