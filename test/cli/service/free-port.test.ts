import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { freePort } from '../../../src/cli/service/free-port.ts';

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function listen(port: number): Promise<number> {
  const server = createServer();
  servers.push(server);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}

test('the wanted port while it is free', async () => {
  const wanted = await listen(0);
  await new Promise((closed) => servers.pop()?.close(closed));
  expect(await freePort(wanted)).toBe(wanted);
});

test('another one, which can be listened at, when a program has it', async () => {
  const taken = await listen(0);
  const found = await freePort(taken);
  expect(found).not.toBe(taken);
  expect(await listen(found)).toBe(found);
});
