// How an action container speaks HTTP, seen on the wire: the rules that an HTTP client would hide.
//
// The platform keeps its connections to a container, also over a suspension, and a request that is lost there ends an activation.
import type { Socket } from 'node:net';
import { type Dialect, describeRules, type Rule } from './contract';

const post = (path: string, body: string, ...fields: string[]): string =>
  [`POST ${path} HTTP/1.1`, 'Host: x', `Content-Length: ${Buffer.byteLength(body)}`, ...fields, '', body].join('\r\n');
const run = (args: unknown): string => post('/run', JSON.stringify({ value: args }));

/** Reads whole answers off one connection, in order. */
class Reader {
  private bytes = Buffer.alloc(0);
  private isClosed = false;
  private wake: () => void = () => undefined;

  constructor(readonly socket: Socket) {
    socket.on('data', (data) => {
      this.bytes = Buffer.concat([this.bytes, data]);
      this.wake();
    });
    socket.on('close', () => {
      this.isClosed = true;
      this.wake();
    });
    socket.on('error', () => undefined); // followed by close
  }

  async answer(): Promise<{ status: number; body: string }> {
    for (;;) {
      const head = this.bytes.indexOf('\r\n\r\n');
      if (head >= 0) {
        const fields = this.bytes.toString('latin1', 0, head);
        const end = head + 4 + Number(/content-length: (\d+)/i.exec(fields)?.[1] ?? 0);
        if (this.bytes.length >= end) {
          const body = this.bytes.toString('utf8', head + 4, end);
          this.bytes = this.bytes.subarray(end);
          return { status: Number(fields.slice(9, 12)), body };
        }
      }
      await this.change('an answer');
    }
  }

  async closed(): Promise<true> {
    while (!this.isClosed) await this.change('the end of the connection');
    return true;
  }

  private async change(what: string): Promise<void> {
    if (this.isClosed) throw new Error(`the connection was closed while waiting for ${what}`);
    await new Promise<void>((resolve) => (this.wake = resolve));
  }
}

const rules: Rule[] = [
  [
    'one connection serves many requests',
    async (container, { code }) => {
      await container.init({ code: code.echo });
      const reader = new Reader(await container.socket());
      for (let n = 0; n < 50; n += 1) {
        reader.socket.write(run({ n }));
        const { status, body } = await reader.answer();
        expect([status, JSON.parse(body)]).toEqual([200, { n }]);
      }
    },
  ],
  [
    'requests with equal heads are each read by their own bodies, whole, in pieces, early, and on several connections',
    async (container, { code }) => {
      await container.init({ code: code.echo });
      const readers = [new Reader(await container.socket()), new Reader(await container.socket())];
      for (const [at, { socket }] of readers.entries()) {
        socket.setNoDelay(true);
        socket.write(run({ n: 10 + at }));
        expect(JSON.parse((await readers[at]!.answer()).body)).toEqual({ n: 10 + at });
      }
      // The beginning of one waits while another connection reads.
      const [one, two] = readers as [Reader, Reader];
      const [early, late] = [run({ n: 21 }), run({ n: 31 })];
      one.socket.write(early.slice(0, -9));
      await new Promise((resolve) => setTimeout(resolve, 20));
      two.socket.write(late);
      expect(JSON.parse((await two.answer()).body)).toEqual({ n: 31 });
      one.socket.write(early.slice(-9) + run({ n: 22 }) + run({ n: 23 }).slice(0, 20));
      await new Promise((resolve) => setTimeout(resolve, 20));
      two.socket.write(run({ n: 32 }));
      expect(JSON.parse((await two.answer()).body)).toEqual({ n: 32 });
      one.socket.write(run({ n: 23 }).slice(20));
      for (const n of [21, 22, 23]) expect(JSON.parse((await one.answer()).body)).toEqual({ n });
      one.socket.write(post('/nosuch', JSON.stringify({ value: { n: 41 } })));
      expect((await one.answer()).status).toBeGreaterThanOrEqual(400);
    },
  ],
  [
    'pipelined requests are answered in order',
    async (container, { code }) => {
      await container.init({ code: code.echo });
      const reader = new Reader(await container.socket());
      reader.socket.write(run({ n: 1 }) + run({ n: 2 }) + run({ n: 3 }));
      for (const n of [1, 2, 3]) expect((await reader.answer()).body).toMatch(new RegExp(`"n": ?${n}`));
    },
  ],
  [
    'a request may arrive byte by byte',
    async (container, { code }) => {
      await container.init({ code: code.echo });
      const reader = new Reader(await container.socket());
      reader.socket.setNoDelay(true);
      for (const byte of run({ text: 'é' })) {
        reader.socket.write(byte);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(JSON.parse((await reader.answer()).body)).toEqual({ text: 'é' });
    },
  ],
  [
    'a body may be chunked, with trailers, and be followed by the next request',
    async (container, { code }) => {
      await container.init({ code: code.echo });
      const body = Buffer.from(JSON.stringify({ value: { text: 'é'.repeat(5000) } }));
      const chunks = [body.subarray(0, 17), body.subarray(17, 6001), body.subarray(6001)];
      const reader = new Reader(await container.socket());
      reader.socket.write('POST /run HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
      for (const chunk of chunks) {
        reader.socket.write(`${chunk.length.toString(16)};name=value\r\n`);
        reader.socket.write(chunk);
        reader.socket.write('\r\n');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      reader.socket.write(`0\r\nX-Trailer: 1\r\n\r\n${run({ n: 2 })}`);
      expect(JSON.parse((await reader.answer()).body)).toEqual({ text: 'é'.repeat(5000) });
      expect(JSON.parse((await reader.answer()).body)).toEqual({ n: 2 });
    },
  ],
  [
    'a client that expects it is told to continue',
    async (container, { code }) => {
      await container.init({ code: code.echo });
      const reader = new Reader(await container.socket());
      const [head = '', body = ''] = post('/run', '{"value":{"n":1}}', 'Expect: 100-continue').split(/(?<=\r\n\r\n)/);
      reader.socket.write(head);
      expect((await reader.answer()).status).toBe(100);
      reader.socket.write(body);
      expect((await reader.answer()).status).toBe(200);
    },
  ],
  [
    'Connection: close is obeyed after the answer',
    async (container, { code }) => {
      await container.init({ code: code.echo });
      const reader = new Reader(await container.socket());
      reader.socket.write(post('/run', '{}', 'Connection: close'));
      expect((await reader.answer()).status).toBe(200);
      expect(await reader.closed()).toBe(true);
    },
  ],
  [
    'an idle connection is never timed out',
    async (container, { code }) => {
      await container.init({ code: code.echo });
      const reader = new Reader(await container.socket());
      reader.socket.write(run({ n: 1 }));
      await reader.answer();
      // Node's own HTTP server would have closed it after 5 s.
      await new Promise((resolve) => setTimeout(resolve, 6000));
      reader.socket.write(run({ n: 2 }));
      expect((await reader.answer()).status).toBe(200);
    },
  ],
  [
    'a request sent while the container is suspended is answered after it',
    async (container, { code }) => {
      await container.init({ code: code.echo });
      const reader = new Reader(await container.socket());
      reader.socket.write(run({ n: 1 }));
      await reader.answer();
      container.signal('SIGSTOP');
      reader.socket.write(run({ n: 2 }));
      await new Promise((resolve) => setTimeout(resolve, 300));
      container.signal('SIGCONT');
      expect((await reader.answer()).status).toBe(200);
    },
  ],
  [
    'a client that goes away during its run leaves the container usable',
    async (container, { code }) => {
      await container.init({ code: code.echo });
      for (let n = 0; n < 5; n += 1) {
        const socket = await container.socket();
        socket.write(run({ n }));
        socket.resetAndDestroy();
      }
      expect((await container.run({ n: 9 })).json).toEqual({ n: 9 });
    },
  ],
  [
    'a body larger than the limit is 413, unread',
    async (container) => {
      const reader = new Reader(await container.socket());
      reader.socket.write('POST /run HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n');
      expect((await reader.answer()).status).toBe(413);
      expect(await reader.closed()).toBe(true);
    },
  ],
  [
    'endless headers are 431',
    async (container) => {
      const reader = new Reader(await container.socket());
      reader.socket.write(`POST /run HTTP/1.1\r\nX: ${'x'.repeat(70_000)}`);
      expect((await reader.answer()).status).toBe(431);
    },
  ],
  ...[
    'GARBAGE\r\n\r\n',
    'POST /run HTTP/1.1\r\nContent-Length: -1\r\n\r\n',
    'POST /run HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
  ].map((text): Rule => [
    `${JSON.stringify(text)} is 400`,
    async (container) => {
      const reader = new Reader(await container.socket());
      reader.socket.write(text);
      expect((await reader.answer()).status).toBe(400);
      expect(await reader.closed()).toBe(true);
    },
  ]),
];

export function describeTransport(dialect: Dialect): void {
  describeRules(`an action container on the wire, ${dialect.kind}`, dialect, rules);
}
