import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../src/store/postgres/embedded-postgres.ts';
import { freePort } from '../support/free-port.ts';
import { makeFolder, type RunningService, removeFolder, startService, until } from './service.ts';

/** A service and its own PostgreSQL, either of which may be killed and comes back at its old address. */
export type Stage = {
  readonly url: string;
  readonly killService: () => Promise<void>;
  /** The service lives on, and meets its database again, which starts by itself. */
  readonly killDatabase: () => Promise<void>;
  readonly killBoth: () => Promise<void>;
  readonly end: () => Promise<void>;
};

/** Durable, as in production: what is acknowledged has to outlive the kill. */
export async function openStage(): Promise<Stage> {
  const folder = makeFolder('ledger');
  const directory = join(folder, 'postgres');
  const log = { info: () => {}, error: () => {} };
  const database = await startEmbeddedPostgres({ directory, log });
  const databasePort = Number(new URL(database.url).port);
  const relay = await startRelay(databasePort);
  const address = new URL(database.url);
  address.port = String(relay.port);
  const port = await freePort();
  const start = (): Promise<RunningService> =>
    startService({ data: join(folder, 'data'), port, env: { DATABASE_URL: address.href } });
  let service = await start();
  const pidOfDatabase = (): number =>
    Number(readFileSync(join(directory, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]);
  /** @returns what waits for the next one: a port that was just struck may still take a connection. */
  const strikeDatabase = (): (() => Promise<unknown>) => {
    const struck = pidOfDatabase();
    process.kill(struck, 'SIGKILL');
    relay.cut();
    const isBack = async () => (pidOfDatabase() !== struck ? accepts(databasePort) : null);
    // Between two servers there is no such file.
    return () => until('the database to run again', () => isBack().catch(() => null));
  };
  return {
    url: `http://127.0.0.1:${port}`,
    killService: async () => {
      await service.end('SIGKILL');
      service = await start();
    },
    killDatabase: async () => {
      await strikeDatabase()();
    },
    killBoth: async () => {
      const databaseIsBack = strikeDatabase();
      await service.end('SIGKILL');
      await databaseIsBack();
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

/** Null while nobody listens at the port. */
async function accepts(port: number): Promise<true | null> {
  const socket = createConnection({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return null;
  } finally {
    socket.destroy();
  }
}

/** Between the service and its database, so that their connections can be cut. */
async function startRelay(target: number) {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  const server: Server = createServer((incoming) => {
    const outgoing = createConnection({ host: '127.0.0.1', port: target });
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
