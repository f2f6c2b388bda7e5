import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below the ports that a system gives to whoever asks for any one: between our look and the bind, and while a server that
 * was killed is away, nobody else is given it. Browsers refuse some below 12,000.
 */
const FIRST = 12_000;
const BLOCK = 40;
const BLOCKS = 500;

let given = 0;

/** A port of 127.0.0.1 that is free, and that this process gives to nobody else; others begin in other places. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + ((process.pid * BLOCK + given++) % (BLOCK * BLOCKS));
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
