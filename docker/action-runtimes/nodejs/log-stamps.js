'use strict';
// Says of each log line which activation wrote it, for containers that run several at a time: `<record separator><activation id> <line>`.
//
// Applies to what is written through process.stdout and process.stderr (console does) in a run or anything that it started, until its sentinel;
// what child processes write, and what comes later, stays as it is. A line leaves whole: its beginning waits for its end, up to `pieceBytes`.

const separator = 0x1e;
const newline = 10;
const idPattern = /^[0-9a-f]{32}$/;
/** A longer line is cut into several. */
const pieceBytes = 65_536;

/** For containers in which nothing overlaps. */
const noStamps = { run: (_, act) => act(), end: () => undefined };

function createStamps() {
  // Here, since most containers do without.
  const { AsyncLocalStorage } = require('node:async_hooks');
  const storage = new AsyncLocalStorage();
  const streams = { stdout: process.stdout, stderr: process.stderr };
  const writers = {};
  for (const [name, stream] of Object.entries(streams)) {
    const write = stream.write.bind(stream);
    writers[name] = write;
    stream.write = (chunk, encoding, done) => {
      const run = storage.getStore();
      if (run === undefined || run.hasEnded || !(typeof chunk === 'string' || chunk instanceof Uint8Array)) {
        return write(chunk, encoding, done);
      }
      const callback = typeof encoding === 'function' ? encoding : done;
      const bytes =
        typeof chunk === 'string' ? Buffer.from(chunk, callback === encoding ? undefined : encoding) : chunk;
      const lines = run.take(name, bytes);
      if (lines.length > 0) return write(lines, callback);
      if (callback) process.nextTick(callback);
      return true;
    };
  }
  return {
    /** Whatever `act` writes, also later, is this activation's. */
    run(activationId, act) {
      return idPattern.test(activationId) ? storage.run(new Run(activationId), act) : act();
    },
    /** Lines that have no end yet leave now. */
    end() {
      const run = storage.getStore();
      if (run === undefined || run.hasEnded) return;
      run.hasEnded = true;
      for (const [name, write] of Object.entries(writers)) {
        const lines = run.rest(name);
        if (lines.length > 0) write(lines);
      }
    },
  };
}

class Run {
  constructor(activationId) {
    this.stamp = Buffer.concat([Buffer.of(separator), Buffer.from(`${activationId} `)]);
    this.open = { stdout: [], stderr: [] };
    this.openBytes = { stdout: 0, stderr: 0 };
    this.hasEnded = false;
  }

  /** Answers the lines that these bytes end, stamped. */
  take(name, bytes) {
    const lines = [];
    let at = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, at)) {
      lines.push(...this.line(name, bytes.subarray(at, end)));
      at = end + 1;
    }
    if (at < bytes.length) {
      // A copy: the caller may use its bytes again.
      this.open[name].push(Buffer.from(bytes.subarray(at)));
      this.openBytes[name] += bytes.length - at;
    }
    if (this.openBytes[name] >= pieceBytes) lines.push(...this.line(name, Buffer.alloc(0)));
    return Buffer.concat(lines);
  }

  rest(name) {
    return this.openBytes[name] === 0 ? Buffer.alloc(0) : Buffer.concat(this.line(name, Buffer.alloc(0)));
  }

  line(name, last) {
    const bytes = this.openBytes[name] === 0 ? last : Buffer.concat([...this.open[name], last]);
    this.open[name] = [];
    this.openBytes[name] = 0;
    const parts = [];
    for (let at = 0; at === 0 || at < bytes.length; at += pieceBytes) {
      parts.push(this.stamp, bytes.subarray(at, at + pieceBytes), Buffer.of(newline));
    }
    return parts;
  }
}

module.exports = { createStamps, noStamps };
