// Code and payloads of every shape: unicode, modules, archives small and large.
import { randomBytes } from 'node:crypto';
import { zipSync, strToU8 } from 'fflate';
import { expectAnswer } from '../support/answers';
import { clientOf } from '../support/client';
import { Guest } from '../support/guest';
import { type Platform, startPlatform } from '../support/platform';

describe('payloads', () => {
  let platform: Platform;
  let guest: Guest;
  beforeAll(async () => {
    platform = await startPlatform();
    guest = new Guest(platform);
  });
  afterAll(() => platform.stop());

  const result = async (name: string, payload: object = {}): Promise<unknown> => {
    const answer = await guest.invoke(name, payload, 'blocking=true&result=true');
    expectAnswer(answer, 200);
    return answer.json;
  };
  const zip = (files: Record<string, string | Uint8Array>, level: 0 | 6 = 6): Buffer => {
    const entries = Object.entries(files).map(([name, text]) => [
      name,
      typeof text === 'string' ? strToU8(text) : text,
    ]);
    return Buffer.from(zipSync(Object.fromEntries(entries) as Record<string, Uint8Array>, { level }));
  };

  it('unicode in code, parameters, payload and logs comes back as it was', async () => {
    const text = 'Grüße, 世界! 🔥 \u2028 "quoted" \\ \u0000';
    await guest.putAction(
      'unicode',
      `function main(a) { console.log(a.text); return { ...a, own: ${JSON.stringify('ключ 🗝')} } }`,
      {
        parameters: [{ key: 'ß', value: '鍵' }],
      },
    );
    const answer = await guest.invoke('unicode', { text });
    expect(answer.json.response.result).toEqual({ ß: '鍵', text, own: 'ключ 🗝' });
    expect(answer.json.response.size).toBe(Buffer.byteLength(JSON.stringify(answer.json.response.result)));
    const record = await guest.record(answer.json.activationId as string);
    expect(record.response.result.text).toBe(text);
    const name = 'mit Leerzeichen & Zeichen.@-';
    await guest.putAction(encodeURIComponent(name), 'function main() { return {} }');
    expect((await guest.call('GET', `actions/${encodeURIComponent(name)}`)).json.name).toBe(name);
    expect(await result(encodeURIComponent(name))).toEqual({});
  });

  it('an archive: package.json names the entry, modules are found beside it', async () => {
    const archive = zip({
      'package.json': JSON.stringify({ main: 'lib/entry.js' }),
      'lib/entry.js': "exports.main = (a) => ({ doubled: require('./double')(a.n) });",
      'lib/double.js': 'module.exports = (n) => 2 * n;',
    });
    const action = await clientOf(platform).actions.create({ name: 'archive', action: archive });
    expect(action).toMatchObject({ exec: { kind: 'nodejs:20', binary: true } });
    expect(await result('archive', { n: 21 })).toEqual({ doubled: 42 });
  });

  it('ES modules, as text and in an archive', async () => {
    await guest.putAction('esm-text', 'export const main = async ({ n }) => ({ n: n + 1 });');
    expect(await result('esm-text', { n: 1 })).toEqual({ n: 2 });
    const archive = zip({
      'package.json': JSON.stringify({ type: 'module', main: 'index.js' }),
      'index.js': "import { add } from './add.js';\nexport const main = ({ n }) => ({ n: add(n) });",
      'add.js': 'export const add = (n) => n + 10;',
    });
    await guest.putAction('esm-archive', archive.toString('base64'));
    expect(await result('esm-archive', { n: 1 })).toEqual({ n: 11 });
  });

  it('an archive of 5 MB', async () => {
    const ballast = randomBytes(5 * 1_048_576);
    const archive = zip(
      {
        'index.js':
          "const { statSync } = require('fs'); exports.main = () => ({ bytes: statSync(__dirname + '/ballast').size });",
        ballast,
      },
      0,
    );
    expect(archive.length).toBeGreaterThan(5_000_000);
    await clientOf(platform).actions.create({ name: 'large', action: archive });
    expect(await result('large')).toEqual({ bytes: ballast.length });
    const { exec } = (await guest.call('GET', 'actions/large')).json as { exec: { code: string } };
    expect(Buffer.from(exec.code, 'base64').equals(archive)).toBe(true);
  });

  it('a broken archive: 502 with a sentence, and a good one afterwards works', async () => {
    const archive = zip({ 'index.js': 'exports.main = () => ({ ok: 1 });' });
    await guest.putAction('broken', archive.subarray(0, archive.length - 30).toString('base64'));
    const answer = await guest.invoke('broken');
    expectAnswer(answer, 502);
    expect(answer.json.response).toMatchObject({
      status: 'action developer error',
      success: false,
      result: { error: expect.stringMatching(/^Initialization has failed due to: ./) },
    });
    await guest.putAction('broken', archive.toString('base64'));
    expect(await result('broken')).toEqual({ ok: 1 });
  });

  it('a main of another name, and parameters for the environment', async () => {
    const answer = await guest.call('PUT', 'actions/named', {
      exec: { kind: 'nodejs:20', main: 'other', code: 'function other(a) { return { a, env: process.env.COLOUR } }' },
      parameters: [
        { key: 'COLOUR', value: 'blue', init: true },
        { key: 'plain', value: true },
      ],
    });
    expectAnswer(answer, 200);
    expect(await result('named')).toEqual({ a: { plain: true }, env: 'blue' });
  });
});
