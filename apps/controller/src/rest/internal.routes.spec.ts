// What the internal listener does at its end; the rest of it is tried on real controllers (test/cluster/internal-listener.spec.ts).
import { request } from 'node:http';
import { bearerHeader } from '#protocol';
import { defaultLimits } from '#limits';
import { InternalRoutes } from './internal.routes';

const secret = 'the-cluster-secret-of-this-test';

function forward(port: number): Promise<number | string> {
  return new Promise((resolve) => {
    const asked = request(
      { port, host: '127.0.0.1', path: '/forward', method: 'POST', headers: { authorization: bearerHeader(secret) } },
      (response) => response.resume().on('end', () => resolve(response.statusCode ?? 0)),
    );
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    asked.end('one');
  });
}

it('answers what was on its way when it was closed, and nothing later', async () => {
  const routes = new InternalRoutes({ receive: (_text, reply) => reply(421, 'stops') }, secret, {
    ...defaultLimits,
    stopLingerMs: 1_000,
  });
  const port = await routes.listen('127.0.0.1', 0);
  routes.retire();
  const closed = routes.close();
  expect(await forward(port)).toBe(421);
  await closed;
  expect(await forward(port)).toBe('ECONNREFUSED');
});
