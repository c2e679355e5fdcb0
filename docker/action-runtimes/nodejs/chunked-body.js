'use strict';
// Decodes a request body with `Transfer-Encoding: chunked`, piece by piece and bounded.
//
// `read` takes the bytes that arrived and answers how far it read: the index after the body once `complete` is true, the end of the bytes
// before that, or a negative number when the body is malformed or too large. Trailers are skipped.
const lineBytesMax = 1024;

class ChunkedBody {
  static malformed = -1;
  static tooLarge = -2;

  constructor(bytesMax) {
    this.bytesLeft = bytesMax;
    this.complete = false;
    this.state = 'size';
    this.line = '';
    this.missing = 0;
  }

  read(bytes, at, parts) {
    while (at < bytes.length) {
      if (this.state === 'data') {
        const end = Math.min(bytes.length, at + this.missing);
        parts.push(bytes.subarray(at, end));
        this.missing -= end - at;
        at = end;
        if (this.missing === 0) this.state = 'dataEnd';
        continue;
      }
      const newline = bytes.indexOf(10, at);
      const end = newline < 0 ? bytes.length : newline;
      this.line += bytes.latin1Slice(at, end);
      if (this.line.length > lineBytesMax) return ChunkedBody.malformed;
      if (newline < 0) return bytes.length;
      at = newline + 1;
      const line = this.line.trim();
      this.line = '';
      if (this.state === 'dataEnd') {
        if (line !== '') return ChunkedBody.malformed;
        this.state = 'size';
      } else if (this.state === 'trailer') {
        if (line === '') {
          this.complete = true;
          return at;
        }
      } else {
        const size = line.split(';', 1)[0].trim();
        if (!/^[0-9a-f]{1,8}$/i.test(size)) return ChunkedBody.malformed;
        this.missing = parseInt(size, 16);
        this.bytesLeft -= this.missing;
        if (this.bytesLeft < 0) return ChunkedBody.tooLarge;
        this.state = this.missing === 0 ? 'trailer' : 'data';
      }
    }
    return at;
  }
}

module.exports = { ChunkedBody };
