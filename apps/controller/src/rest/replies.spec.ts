import { Rejection, rejections } from '#entity';
import { StoreError } from '#store';
import pino from 'pino';
import { corsHeaders, errorReply, rejectionReply, transactionId } from './replies';

describe('transaction ids', () => {
  it.each(['my-request-id-1', 'x', 'SID_1'])('are adopted: %p', (given) => {
    expect(transactionId({ 'x-request-id': given })).toBe(given);
  });

  it.each([undefined, '', 'sid_1'])('are made instead of %p', (given) => {
    expect(transactionId({ 'x-request-id': given })).toMatch(/^[A-Za-z0-9]{32}$/);
  });

  it('are not made twice', () => {
    expect(new Set(Array.from({ length: 1_000 }, () => transactionId({}))).size).toBe(1_000);
  });
});

describe('refusals', () => {
  it('carry the sentence, the transaction id, and CORS headers or not', () => {
    const { status, headers, body } = rejectionReply(rejections.notFound(), 'tid');
    expect(status).toBe(404);
    expect(headers).toEqual({ ...corsHeaders, 'x-request-id': 'tid', 'content-type': 'application/json' });
    expect(body.toString()).toBe('{"code":"tid","error":"The requested resource does not exist."}');
    expect(rejectionReply(rejections.routeNotFound(), 'tid').headers).toEqual({
      'x-request-id': 'tid',
      'content-type': 'application/json',
    });
  });
});

const unavailable = 'The server is currently unavailable (because it is overloaded or down for maintenance).';

describe('errors', () => {
  const lines: string[] = [];
  const logger = pino({}, { write: (line: string) => void lines.push(line) });

  beforeEach(() => lines.splice(0));

  it.each([
    [new Rejection(418, 'x'), 418, 'x', 0],
    [new StoreError('conflict', 'x'), 409, 'Concurrent modification to resource detected.', 0],
    [new StoreError('exists', 'x'), 409, 'resource already exists', 0],
    [new StoreError('corrupt', 'x'), 500, 'Resource is corrupted and cannot be read.', 1],
    [new StoreError('unavailable', 'x'), 503, unavailable, 0],
    [new StoreError('closed', 'x'), 503, unavailable, 0],
    [new Error('secret'), 500, 'There was an internal server error.', 1],
    ['thrown text', 500, 'There was an internal server error.', 1],
  ])('%s is answered %i, and logged if it is a surprise', (error, status, sentence, logged) => {
    const reply = errorReply(error, 'tid', logger);
    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.body.toString())).toEqual({ code: 'tid', error: sentence });
    expect(lines).toHaveLength(logged);
  });
});
