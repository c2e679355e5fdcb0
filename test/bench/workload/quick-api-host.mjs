// An API host that answers at once, for measuring the workload driver alone: plain sockets, a fixed record with the request's identity in it.
//
// It understands just what the driver sends: a request in one piece, no pipelining. Prints its port.
import { createServer } from 'node:net';

const record = (id) =>
  `{"activationId":"${'0'.repeat(32)}","annotations":[{"key":"path","value":"guest/w"},{"key":"waitTime","value":1},{"key":"kind","value":"nodejs:20"},{"key":"timeout","value":false},{"key":"limits","value":{"concurrency":1,"logs":10,"memory":256,"timeout":60000}}],"duration":1,"end":1700000000001,"logs":[],"name":"w","namespace":"guest","publish":false,"response":{"result":{"w":{"i":"${id}","a":"","c":"c","n":1,"b":1,"z":false,"s":1700000000000,"e":1700000000001}},"size":90,"status":"success","success":true},"start":1700000000000,"subject":"guest","version":"0.0.1"}`;
const answer = (body) =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

const server = createServer((socket) => {
  socket.setNoDelay(true);
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    const text = bytes.toString('latin1');
    const at = text.indexOf('{"i":"');
    socket.write(answer(at < 0 ? '{}' : record(text.slice(at + 6, text.indexOf('"', at + 6)))));
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
