import { StoreError } from '../errors';
import { isForGood, translated } from './postgres-errors';

const refusal = (code: string | undefined, message: string): Error =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

describe('errors of PostgreSQL', () => {
  it.each([
    ['53100', 'could not extend file: No space left on device', 'unavailable', false],
    ['53300', 'sorry, too many clients already', 'unavailable', false],
    ['57P01', 'terminating connection due to administrator command', 'unavailable', true],
    ['57P03', 'the database system is starting up', 'unavailable', true],
    ['57014', 'canceling statement due to statement timeout', 'unavailable', false],
    ['40P01', 'deadlock detected', 'unavailable', false],
    ['25006', 'cannot execute INSERT in a read-only transaction', 'unavailable', false],
    ['XX001', 'invalid page in block 7', 'corrupt', false],
    ['ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:5432', 'unavailable', true],
    [undefined, 'Connection terminated unexpectedly', 'unavailable', true],
    [undefined, 'timeout exceeded when trying to connect', 'unavailable', true],
  ])('%s (%s) is %s', (code, message, kind, isBroken) => {
    const found = translated(refusal(code, message));
    expect(found.error).toBeInstanceOf(StoreError);
    expect(found).toMatchObject({ error: { code: kind, message: expect.stringContaining(message) }, isBroken });
  });

  it('leaves defects of ours as they are', () => {
    const syntax = refusal('42601', 'syntax error at or near "form"');
    expect(translated(syntax)).toEqual({ error: syntax, isBroken: false });
    const circular = new TypeError('Converting circular structure to JSON');
    expect(translated(circular)).toEqual({ error: circular, isBroken: false });
  });

  it('says of a name with several addresses what the first one answered', () => {
    const all = new AggregateError(
      [refusal('ECONNREFUSED', 'connect ECONNREFUSED ::1:5432'), refusal('ECONNREFUSED', 'x')],
      '',
    );
    expect(translated(all).error.message).toBe('the database cannot do it now: connect ECONNREFUSED ::1:5432.');
  });

  it('knows what trying again does not help', () => {
    for (const code of ['28P01', '3D000', 'CERT_HAS_EXPIRED', 'SELF_SIGNED_CERT_IN_CHAIN'])
      expect(isForGood(translated(refusal(code, 'no')).error)).toBe(true);
    for (const code of ['57P03', 'ECONNREFUSED', '53300'])
      expect(isForGood(translated(refusal(code, 'no')).error)).toBe(false);
  });
});
