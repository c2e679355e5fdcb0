// TLS to PostgreSQL: a server that takes nothing else, with a certificate for `localhost` of an authority that openssl makes for the test.
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLimits } from '#limits';
import { PostgresServer } from '../../../../test/support/postgres-server';
import { openPostgresStores } from './open-postgres-stores';
import { withStrictTls } from './postgres-address';

const nobody = 65_534;
let directory: string;
let server: PostgresServer;
let authority: string;
let stranger: string;

const openssl = (...words: string[]): unknown =>
  execFileSync('openssl', words, { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });

/** A key and a self-signed certificate that may sign others; the certificate's path. */
function makeAuthority(name: string): string {
  const subject = ['-subj', `/CN=${name}`, '-days', '2', '-addext', 'basicConstraints=critical,CA:TRUE'];
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.pem`, ...subject);
  return join(directory, `${name}.pem`);
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'hearth-tls-'));
  chmodSync(directory, 0o755);
  authority = makeAuthority('authority');
  stranger = makeAuthority('stranger');
  openssl(
    'req',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    'server.key',
    '-out',
    'server.csr',
    '-subj',
    '/CN=localhost',
  );
  writeFileSync(join(directory, 'names'), 'subjectAltName=DNS:localhost');
  const signing = ['-CA', 'authority.pem', '-CAkey', 'authority.key', '-CAcreateserial', '-extfile', 'names'];
  openssl('x509', '-req', '-in', 'server.csr', '-out', 'server.pem', '-days', '2', ...signing);
  const key = join(directory, 'server.key');
  chmodSync(key, 0o600);
  if (process.geteuid?.() === 0) chownSync(key, nobody, nobody);
  const hba = join(directory, 'hba.conf');
  // For the test's own questions, which are asked of another role's connection, nothing is needed: `local` has none.
  writeFileSync(
    hba,
    'hostssl test1 all 127.0.0.1/32 scram-sha-256\nhostssl test1 all ::1/128 scram-sha-256\nhost postgres all all scram-sha-256\n',
  );
  server = await PostgresServer.start({
    settings: [
      'ssl = on',
      `ssl_cert_file = '${directory}/server.pem'`,
      `ssl_key_file = '${key}'`,
      `hba_file = '${hba}'`,
    ],
  });
  url = await server.makeDatabase();
});
afterAll(async () => {
  await server.end();
  rmSync(directory, { recursive: true });
});

let url: string;

/** Opens the stores by the name in the certificate, unless another host is given; answers what the server says of its connections. */
async function open(parameters: string, host = 'localhost'): Promise<Record<string, unknown>[]> {
  const databaseUrl = `${url.replace('127.0.0.1', host)}${parameters}`;
  const stores = await openPostgresStores({ databaseUrl, limits: { ...defaultLimits, storeOpenWaitMs: 200 } });
  await stores.incarnations.next('x');
  const rows = await server.ask(
    `select distinct ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'hearth'`,
  );
  await stores.close();
  return rows;
}

it.each(['verify-full', 'require', 'verify-ca', 'prefer'])('is used and verified with sslmode=%s', async (mode) => {
  expect(await open(`?sslmode=${mode}&sslrootcert=${authority}`)).toEqual([{ ssl: true }]);
});

it("is used without verification with sslmode=no-verify, and with libpq's meaning of require", async () => {
  expect(await open('?sslmode=no-verify')).toEqual([{ ssl: true }]);
  expect(await open('?uselibpqcompat=true&sslmode=require', '127.0.0.1')).toEqual([{ ssl: true }]);
});

it.each<[string, string, string, RegExp]>([
  ['an authority that nobody named', '?sslmode=require', 'localhost', /certificate/],
  [
    'the certificate of another authority',
    '?sslmode=verify-full&sslrootcert=STRANGER',
    'localhost',
    /certificate|signature/,
  ],
  [
    'another name than that of the certificate',
    '?sslmode=require&sslrootcert=AUTHORITY',
    '127.0.0.1',
    /does not match certificate/,
  ],
  ['no TLS where the server wants it', '', 'localhost', /no encryption/],
  [
    'a file of certificates that is not there',
    '?sslmode=verify-full&sslrootcert=/nowhere/db.pem',
    'localhost',
    /ENOENT.*\/nowhere\/db.pem/,
  ],
])('refuses %s at once, in one sentence', async (_, parameters, host, sentence) => {
  const named = parameters.replace('STRANGER', stranger).replace('AUTHORITY', authority);
  const refused = open(named, host);
  await expect(refused).rejects.toMatchObject({ code: 'unavailable', message: expect.stringMatching(sentence) });
  await expect(refused).rejects.toThrow(
    /^cannot use the database .*; change DATABASE_URL or what the server allows\.$/,
  );
});

it('means the strictest mode by every word that asks for verification, wherever it stands', () => {
  expect(withStrictTls('postgres://a:b@c/d?x=1&sslmode=require&y=2')).toBe(
    'postgres://a:b@c/d?x=1&sslmode=verify-full&y=2',
  );
  expect(withStrictTls('postgres://a:b@c/d?sslmode=no-verify')).toBe('postgres://a:b@c/d?sslmode=no-verify');
  expect(withStrictTls('postgres://a:sslmode=require@c/d')).toBe('postgres://a:sslmode=require@c/d');
});
