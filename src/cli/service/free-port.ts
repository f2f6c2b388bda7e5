import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port of this machine that is free: the wanted one, or any other when a program has that. */
export async function freePort(wanted: number): Promise<number> {
  return (await listenAt(wanted)) ?? (await listenAt(0)) ?? wanted;
}

/** @returns the port, which is free again; null when another program has it. */
async function listenAt(port: number): Promise<number | null> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return null;
  }
  const bound = server.address();
  server.close();
  await once(server, 'close');
  return typeof bound === 'object' && bound !== null ? bound.port : null;
}
