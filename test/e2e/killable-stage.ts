import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startEmbeddedPostgres } from '../../src/store/postgres/embedded-postgres.ts';
import { freePort, makeFolder, type RunningService, removeFolder, startService } from './service.ts';

/** A service and its own PostgreSQL, either of which may be killed and comes back at its old address. */
export type Stage = {
  readonly url: string;
  readonly killService: () => Promise<void>;
  /** The service lives on, and meets its database again after a while. */
  readonly killDatabase: (awayMilliseconds: number) => Promise<void>;
  readonly killBoth: () => Promise<void>;
  readonly end: () => Promise<void>;
};

/** Durable, as in production: what is acknowledged has to outlive the kill. */
export async function openStage(): Promise<Stage> {
  const folder = makeFolder('ledger');
  const directory = join(folder, 'postgres');
  const log = { info: () => {}, error: () => {} };
  let database = await startEmbeddedPostgres({ directory, log });
  const relay = await startRelay(() => Number(new URL(database.url).port));
  const address = new URL(database.url);
  address.port = String(relay.port);
  const port = await freePort();
  const start = (): Promise<RunningService> =>
    startService({ data: join(folder, 'data'), port, env: { DATABASE_URL: address.href } });
  let service = await start();
  const strikeDatabase = (): void => {
    process.kill(Number(readFileSync(join(directory, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL');
    relay.cut();
  };
  const reviveDatabase = async (): Promise<void> => {
    database = await startEmbeddedPostgres({ directory, log });
  };
  return {
    url: `http://127.0.0.1:${port}`,
    killService: async () => {
      await service.end('SIGKILL');
      service = await start();
    },
    killDatabase: async (awayMilliseconds) => {
      strikeDatabase();
      await pause(awayMilliseconds);
      await reviveDatabase();
    },
    killBoth: async () => {
      strikeDatabase();
      await service.end('SIGKILL');
      await reviveDatabase();
      service = await start();
    },
    end: async () => {
      await service.end();
      await database.stop();
      await relay.stop();
      removeFolder(folder);
    },
  };
}

/** Lends the database one address, wherever it listens now. */
async function startRelay(target: () => number) {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  const server: Server = createServer((incoming) => {
    const outgoing = createConnection({ host: '127.0.0.1', port: target() });
    for (const socket of [incoming, outgoing]) keep(socket);
    incoming.pipe(outgoing).pipe(incoming);
    incoming.on('close', () => outgoing.destroy());
    outgoing.on('close', () => incoming.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    cut,
    stop: async () => {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}
