'use strict';
// HTTP/1.1 for the two routes of an action container, straight on TCP or a Unix socket.
//
// Why not node:http: its request and response objects cost more than a no-op run itself, and it times out idle connections by default, which
// resets requests after a suspended container is thawed. Here nothing ever times out, every answer has a Content-Length and leaves with one
// write, one request per connection is answered at a time (pipelined ones wait unread), and a body is bounded.
const net = require('node:net');
const { ChunkedBody } = require('./chunked-body.js');

// Kept from before user code could replace it.
const { error: logError } = console;
const { Socket } = net;

/** For all reads of all connections: one for each read costs more than reading. What is in it is used up, or copied, before the next. */
const readBuffer = Buffer.allocUnsafeSlow(65_536);

const headBytesMax = 64 * 1024;
/** 48 MB of code as base64 in JSON, with room for its environment. */
const bodyBytesMax = 72 * 1024 * 1024;
const endOfHead = Buffer.from('\r\n\r\n');

const reasons = {
  200: 'OK',
  400: 'Bad Request',
  403: 'Forbidden',
  413: 'Payload Too Large',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
};
const statusLine = (status) =>
  `HTTP/1.1 ${status} ${reasons[status]}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: `;
const okLine = statusLine(200);

/**
 * Serves on `where`, `{ port, host }` or `{ path }`; calls `ready` when it listens, or `failed` with the error.
 * `answer(target, bodyText, reply)` calls `reply(status, jsonText)` exactly once, now or later.
 */
function listen(where, answer, failed, ready = () => undefined) {
  // Half-open: a client may end its side behind its last request and still wait for the answer.
  const server = net.createServer({ noDelay: true, allowHalfOpen: true }, (socket) => new Connection(socket, answer));
  server.once('error', failed);
  server.listen({ ...where, backlog: 511 }, () => {
    server.off('error', failed);
    server.on('error', (error) => logError(`Internal system error: cannot accept a connection (${error.message})`));
    ready();
  });
}

class Connection {
  constructor(accepted, answer) {
    const shared = readShared(accepted, (bytes) => this.read(bytes));
    const socket = shared ?? accepted;
    this.socket = socket;
    this.answer = answer;
    this.rest = undefined;
    this.request = undefined;
    this.last = undefined;
    this.answering = false;
    this.keepsAlive = true;
    this.reply = this.reply.bind(this);
    if (shared === undefined) socket.on('data', (bytes) => this.read(bytes));
    else socket.resume();
    socket.on('end', () => this.end());
    // The peer went away: its run goes on, its answer has no reader.
    socket.on('error', () => socket.destroy());
  }

  read(window) {
    const { last } = this;
    if (last !== undefined && !this.answering && this.rest === undefined && this.request === undefined) {
      if (this.repeats(window, last)) return;
    }
    // What is not used up at once has to stay when the next bytes are read.
    let bytes = Buffer.from(window);
    if (this.rest !== undefined) {
      bytes = Buffer.concat([this.rest, bytes]);
      this.rest = undefined;
    }
    if (this.answering) {
      this.rest = bytes;
      this.socket.pause();
      return;
    }
    let at = 0;
    if (this.request === undefined) {
      const end = bytes.indexOf(endOfHead);
      if (end < 0) {
        if (bytes.length > headBytesMax) this.refuse(431, 'Request headers are too large.');
        else this.rest = bytes;
        return;
      }
      at = end + endOfHead.length;
      if (!this.begin(bytes.latin1Slice(0, end).toLowerCase(), bytes, at)) return;
    }
    this.readBody(bytes, at);
  }

  /** Whether it is a whole request whose head is the last one's, byte for byte, as that of most runs is: it is not read again. */
  repeats(bytes, { head, route, bodyBytes }) {
    if (bytes.length !== head.length + bodyBytes || head.compare(bytes, 0, head.length) !== 0) return false;
    this.answering = true;
    this.answer(route, bytes.utf8Slice(head.length, bytes.length), this.reply);
    return true;
  }

  /** Understands a request's head. False when the request was answered or refused already. */
  begin(head, bytes, at) {
    const lineEnd = head.indexOf('\r\n');
    const line = lineEnd < 0 ? head : head.slice(0, lineEnd);
    const [method, target, version] = line.split(' ');
    if (version !== 'http/1.1' && version !== 'http/1.0') return this.refuse(400, 'Bad request.');
    const connection = field(head, '\r\nconnection:');
    this.keepsAlive = version === 'http/1.1' ? connection !== 'close' : connection === 'keep-alive';
    const route = method === 'post' ? target.split('?', 1)[0] : '';
    if (head.includes('\r\ntransfer-encoding:')) {
      if (field(head, '\r\ntransfer-encoding:') !== 'chunked') return this.refuse(400, 'Bad request.');
      this.request = { route, parts: [], missing: 0, chunked: new ChunkedBody(bodyBytesMax) };
    } else {
      const length = field(head, '\r\ncontent-length:');
      const bodyBytes = length === undefined ? 0 : /^\d{1,12}$/.test(length) ? Number(length) : NaN;
      if (Number.isNaN(bodyBytes)) return this.refuse(400, 'Bad request.');
      if (bodyBytes > bodyBytesMax)
        return this.refuse(413, `The request of ${bodyBytes} bytes is larger than ${bodyBytesMax} bytes.`);
      if (bytes.length === at + bodyBytes) {
        // The whole request in one piece, as nearly every run is.
        if (this.keepsAlive) this.last = { head: Buffer.from(bytes.subarray(0, at)), route, bodyBytes };
        this.answering = true;
        this.answer(route, bytes.utf8Slice(at, bytes.length), this.reply);
        return false;
      }
      this.request = { route, parts: [], missing: bodyBytes, chunked: undefined };
    }
    if (field(head, '\r\nexpect:') === '100-continue' && bytes.length === at)
      this.socket.write('HTTP/1.1 100 Continue\r\n\r\n');
    return true;
  }

  readBody(bytes, at) {
    const request = this.request;
    let after = at;
    if (request.chunked !== undefined) {
      after = request.chunked.read(bytes, at, request.parts);
      if (after < 0) return void this.refuse(after === ChunkedBody.tooLarge ? 413 : 400, 'Bad request.');
      if (!request.chunked.complete) return;
    } else {
      after = Math.min(bytes.length, at + request.missing);
      request.missing -= after - at;
      request.parts.push(bytes.subarray(at, after));
      if (request.missing > 0) return;
    }
    this.request = undefined;
    if (after < bytes.length) {
      this.rest = bytes.subarray(after);
      this.socket.pause();
    }
    this.answering = true;
    this.answer(request.route, Buffer.concat(request.parts).toString('utf8'), this.reply);
  }

  reply(status, text) {
    this.answering = false;
    const { socket } = this;
    if (socket.destroyed) return;
    const textBytes = Buffer.byteLength(text);
    const head = status === 200 ? okLine : statusLine(status);
    const ending = this.keepsAlive ? '\r\n\r\n' : '\r\nConnection: close\r\n\r\n';
    socket.write(head + textBytes + ending + text, textBytes === text.length ? 'latin1' : 'utf8');
    if (!this.keepsAlive) socket.end();
    else if (this.rest !== undefined) setImmediate(() => this.readOn());
  }

  readOn() {
    if (this.socket.destroyed || this.answering) return;
    const bytes = this.rest ?? Buffer.alloc(0);
    this.rest = undefined;
    this.socket.resume();
    this.read(bytes);
  }

  /** The client has sent its last request. */
  end() {
    if (this.answering) this.keepsAlive = false;
    else this.socket.end();
  }

  /** What cannot be read as a request ends the connection: where the next one would begin is unknown. */
  refuse(status, sentence) {
    this.keepsAlive = false;
    this.socket.pause();
    this.reply(status, JSON.stringify({ error: sentence }));
    return false;
  }
}

/**
 * The connection in the form to be used from now on, as a client's can be made by `onread`: it reads into the one buffer until its callback says otherwise. Undefined, and
 * nothing done, where Node does not keep a connection in `_handle`: then 'data' events serve as well.
 */
function readShared(accepted, take) {
  const handle = accepted._handle;
  if (typeof handle?.useUserBuffer !== 'function' || accepted.readableLength > 0) return undefined;
  accepted._handle = null;
  const callback = (count) => {
    take(readBuffer.subarray(0, count));
    return true;
  };
  const socket = new Socket({ handle, allowHalfOpen: true, onread: { buffer: readBuffer, callback } });
  // Its server counts by the end of the one that it accepted.
  socket.once('close', () => accepted.destroy());
  return socket;
}

/** A header's value in an already lower-cased head. */
function field(head, name) {
  const start = head.indexOf(name);
  if (start < 0) return undefined;
  const end = head.indexOf('\r\n', start + name.length);
  return head.slice(start + name.length, end < 0 ? head.length : end).trim();
}

module.exports = { listen, bodyBytesMax };
