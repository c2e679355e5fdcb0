// The least that a Node HTTP server can do with a run: read its body, answer a fixed object. What our runtime is measured against.
import { createServer } from 'node:http';

const answer = '{"ok":true}';
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.length });
    response.end(answer);
  });
});
server.keepAliveTimeout = 0;
server.listen(Number(process.argv[2]), '127.0.0.1');
// Ends with whoever started it.
process.stdin.on('end', () => process.exit()).resume();
