import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogStream } from '../logs/log-source';
import { JsonLog } from './json-log';

describe("the engine's json-file log", () => {
  const filesCount = 3;
  let directory: string;
  let path: string;
  let log: JsonLog;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'hearth-json-log-'));
    path = join(directory, 'x-json.log');
    log = new JsonLog(path, filesCount);
  });
  afterEach(() => {
    log.close();
    rmSync(directory, { recursive: true });
  });

  const line = (text: string, stream: LogStream = 'stdout'): string =>
    `${JSON.stringify({ log: text, stream, time: '2026-11-21T00:00:00.000000000Z' })}\n`;

  function take(stream: LogStream, size = 4_096, from = log): string {
    const into = Buffer.alloc(size);
    const length = from.peek(stream, into);
    from.skip(stream, length);
    return into.toString('utf8', 0, length);
  }

  function rotate(): void {
    for (let age = filesCount - 1; age > 1; age -= 1) {
      try {
        renameSync(`${path}.${age - 1}`, `${path}.${age}`);
      } catch {
        // Not that many yet.
      }
    }
    renameSync(path, `${path}.1`);
    writeFileSync(path, '');
  }

  it('keeps both streams apart, in order, in parts of any size', () => {
    writeFileSync(path, line('one\n') + line('error\n', 'stderr') + line('two'));
    expect(take('stdout', 2)).toBe('on');
    expect(take('stdout')).toBe('e\ntwo');
    expect(take('stderr')).toBe('error\n');
    expect(take('stdout')).toBe('');
  });

  it('is not there yet, grows, and has halves of lines', () => {
    expect(take('stdout')).toBe('');
    const whole = line('whole\n');
    writeFileSync(path, whole.slice(0, 9));
    expect(take('stdout')).toBe('');
    appendFileSync(path, whole.slice(9));
    expect(take('stdout')).toBe('whole\n');
  });

  it('passes over what is no line of the engine', () => {
    writeFileSync(path, `{"log":"ha\n[1]\n{"log":7,"stream":"stdout"}\n${line('good\n')}`);
    expect(take('stdout')).toBe('good\n');
  });

  it('follows several rotations between two looks', () => {
    writeFileSync(path, line('1\n'));
    expect(take('stdout')).toBe('1\n');
    appendFileSync(path, line('2\n'));
    rotate();
    appendFileSync(path, line('3\n'));
    rotate();
    appendFileSync(path, line('4\n'));
    expect(take('stdout')).toBe('2\n3\n4\n');
  });

  it('goes on with the oldest that is there when files were deleted unread', () => {
    writeFileSync(path, line('1\n'));
    expect(take('stdout')).toBe('1\n');
    for (const text of ['2\n', '3\n', '4\n']) {
      rotate();
      appendFileSync(path, line(text));
    }
    rmSync(`${path}.2`, { force: true });
    expect(take('stdout')).toBe('3\n4\n');
  });

  it('goes on at its mark, also when that file was rotated away meanwhile', () => {
    writeFileSync(path, line('1\n') + line('2\n'));
    expect(take('stdout', 2)).toBe('1\n');
    const mark = log.mark();
    rotate();
    appendFileSync(path, line('3\n'));
    const later = new JsonLog(path, filesCount, mark);
    expect(take('stdout', 4_096, later)).toBe('2\n3\n');
    later.close();
  });

  it('holds little of a stream that nobody reads', () => {
    writeFileSync(path, line('x'.repeat(1_000), 'stderr').repeat(2_000) + line('behind\n'));
    expect(take('stdout')).toBe('');
    let read = 0;
    for (let part = take('stderr', 65_536); part !== ''; part = take('stderr', 65_536)) read += part.length;
    expect(read).toBe(2_000_000);
    expect(take('stdout')).toBe('behind\n');
  });
});
