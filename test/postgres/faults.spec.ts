// A PostgreSQL that is not there at the start, goes away in the middle, or is killed under load; and controllers that are killed with it.
import { setTimeout as delay } from 'node:timers/promises';
import { Guest } from '../support/guest';
import { type Platform, runHearth, startPlatform } from '../support/platform';
import { password, PostgresServer } from '../support/postgres-server';
import { until } from '../support/until';
import { NonBlockingLoad } from './non-blocking-load';

jest.setTimeout(120_000);

let postgres: PostgresServer;
let platform: Platform;
let guest: Guest;

beforeAll(async () => {
  postgres = await PostgresServer.start();
  platform = await startPlatform({
    store: postgres,
    kinds: 'nodejs:20',
    env: {
      LIMIT_STORE_CONNECT_MS: '1000',
      LIMIT_RESTART_BACKOFF_MS: '200',
      LIMIT_CLAIM_LEASE_MS: '3000',
      LIMIT_SWEEP_GRACE_MS: '2000',
      LIMIT_SWEEP_INTERVAL_MS: '1000',
    },
  });
  guest = new Guest(platform);
  await guest.putAction('echo', 'function main(args) { return args }');
  await guest.putAction('other', 'function main(args) { return args }');
});
afterAll(async () => {
  // Whatever happened, nobody has told the password.
  const output = (platform as Platform | undefined)?.output ?? '';
  await (platform as Platform | undefined)?.stop();
  await postgres.end();
  expect(output).not.toContain(password);
});

const echo = (n: number) => guest.invoke('echo', { n }, 'blocking=true');

it('says in one sentence what it waits for at the start, and starts once it is there', async () => {
  const late = await PostgresServer.start();
  await late.kill();
  const run = runHearth({
    HEARTH_DATA_DIR: `${platform.dataDir}/late`,
    HEARTH_PORTS: 'free',
    KINDS: 'nodejs:20',
    DATABASE_URL: late.url,
  });
  await until('both apps wait', () => run.printed().split('waiting for it').length === 3, 60_000);
  expect(run.printed()).toMatch(
    /the database 127\.0\.0\.1:\d+\/postgres cannot be used yet: .*ECONNREFUSED.*; waiting for it/,
  );
  await late.restart();
  await until('it is ready', () => run.printed().includes('Ctrl-C stops everything.'), 60_000);
  run.child.kill('SIGINT');
  expect(await run.ended).toMatchObject({ code: 0 });
  await late.end();
});

it('gives up after a while, in one sentence without the password', async () => {
  const run = runHearth({
    HEARTH_DATA_DIR: `${platform.dataDir}/another`,
    HEARTH_PORTS: 'free',
    KINDS: 'nodejs:20',
    DATABASE_URL: `postgres://hearth:${password}@127.0.0.1:1/hearth`,
    LIMIT_STORE_OPEN_WAIT_MS: '500',
  });
  expect(await run.ended).toMatchObject({ code: 1 });
  expect(run.printed()).toMatch(/cannot use the database 127\.0\.0\.1:1\/hearth: connect ECONNREFUSED/);
  expect(run.printed()).not.toContain(password);
});

it('goes on with warm invocations while the database is away, refuses the rest by 503, and stores all records afterwards', async () => {
  expect(await echo(0)).toMatchObject({ status: 200 });
  await postgres.kill();
  const ids: string[] = [];
  for (let n = 1; n <= 50; n += 1) {
    const { status, json } = await echo(n);
    expect(status).toBe(200);
    ids.push((json as { activationId: string }).activationId);
  }
  const unavailable = {
    status: 503,
    json: { error: 'The server is currently unavailable (because it is overloaded or down for maintenance).' },
  };
  const action = { exec: { kind: 'nodejs:20', code: 'function main() {}' } };
  expect(await guest.call('PUT', 'actions/new', action)).toMatchObject(unavailable);
  expect(await guest.call('GET', 'actions')).toMatchObject(unavailable);
  expect(await guest.invoke('echo', {}, 'blocking=false')).toMatchObject(unavailable);
  await postgres.restart();
  for (const id of ids) {
    await until(
      `the record of ${id} is there`,
      async () => (await guest.call('GET', `activations/${id}`)).status === 200,
    );
  }
  expect(await guest.call('PUT', 'actions/new', action)).toMatchObject({ status: 200 });
  expect(platform.output).toContain('the store is there again');
});

it('keeps what was finished while the database is away over the death of the controller', async () => {
  await echo(0);
  await postgres.kill();
  const { json } = await echo(1);
  const { activationId } = json as { activationId: string };
  const killed = platform.kill('controller');
  await until('the controller is being started again', () => platform.pid('controller') !== killed);
  await postgres.restart();
  await until(
    'the record is there',
    async () => {
      const answer = await guest.call('GET', `activations/${activationId}`).catch(() => undefined);
      return answer?.status === 200;
    },
    60_000,
  );
});

it('has one record for each accepted activation after kill -9 of the database and of the controller under load', async () => {
  await until('the controller answers', async () => (await echo(0).catch(() => undefined))?.status === 200);
  const load = new NonBlockingLoad(guest, platform.dataDir);
  await load.putAction();
  await load.under(async () => {
    await delay(700);
    await postgres.kill();
    await delay(300);
    await postgres.restart();
    await delay(700);
    await platform.killAndAwaitRestart('controller');
    await delay(500);
  });
  expect(await load.expectOneRecordEach()).toBeGreaterThan(20);
});
