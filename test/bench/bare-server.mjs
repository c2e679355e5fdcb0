// The least that a Node HTTP server can do with a run: read its body, answer a fixed object. What our runtime is measured against.
//
//   node bare-server.mjs PORT [HELD MS]   with these it keeps up to HELD requests for MS each and refuses what comes beyond at once, as a full queue does
import { createServer } from 'node:http';

const answer = '{"ok":true}';
const refusal = '{"error":"The server is currently unavailable (because it is overloaded or down for maintenance)."}';
const [port, heldMost = 0, holdMs = 0] = process.argv.slice(2).map(Number);
let held = 0;

function say(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    if (heldMost === 0) return say(response, 200, answer);
    if (held >= heldMost) return say(response, 503, refusal);
    held += 1;
    setTimeout(() => {
      held -= 1;
      say(response, 200, answer);
    }, holdMs);
  });
});
server.keepAliveTimeout = 0;
// As many as an app of ours lets wait to be accepted.
server.listen({ port, host: '127.0.0.1', backlog: 4_096 });
// Ends with whoever started it.
process.stdin.on('end', () => process.exit()).resume();
