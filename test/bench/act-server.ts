import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import { startEmbeddedPostgres } from '../../src/store/postgres/embedded-postgres.ts';
import { type Running, startService } from './child-process.ts';

export type ActServer = {
  readonly service: Running;
  /** The database of the service. */
  readonly sql: postgres.Sql;
  /** The address of another database on the same server. */
  readonly beside: (name: string) => Promise<string>;
};

/** The service on a PostgreSQL that the bench may look into, with fsync and synchronous commit. */
export async function withActServer<T>(folder: string, work: (server: ActServer) => Promise<T>): Promise<T> {
  const directory = join(folder, 'postgres');
  mkdirSync(directory, { recursive: true });
  const database = await startEmbeddedPostgres({ directory, log: console });
  const create = async (name: string): Promise<string> => {
    const admin = postgres(database.url, { max: 1 });
    await admin.unsafe(`create database ${name}`);
    await admin.end();
    const url = new URL(database.url);
    url.pathname = `/${name}`;
    return url.href;
  };
  const url = await create('service');
  const service = await startService(folder, { DATABASE_URL: url, TIDEMARK_WEBHOOK_ALLOW: '127.0.0.1' });
  const sql = postgres(url, { max: 2, onnotice: () => {} });
  try {
    return await work({ service, sql, beside: create });
  } finally {
    await sql.end();
    await service.end();
    await database.stop();
  }
}

export type Arrivals = {
  readonly url: string;
  readonly count: () => number;
  /** The next request on a path: when it came, by the clock of `performance`. */
  readonly next: (path: string) => Promise<number>;
  readonly close: () => void;
};

/** A receiver that takes everything at once, but never answers on `/hang`. */
export async function openReceiver(): Promise<Arrivals> {
  let count = 0;
  const waiting = new Map<string, (at: number) => void>();
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    request.resume();
    request.on('end', () => {
      const at = performance.now();
      count++;
      waiting.get(path)?.(at);
      waiting.delete(path);
      if (path !== '/hang') response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  // A listening TCP server has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    count: () => count,
    next: (path) => new Promise((resolve) => waiting.set(path, resolve)),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Asks until it is so. */
export async function until(holds: () => Promise<boolean>, milliseconds = 10): Promise<void> {
  while (!(await holds())) await delay(milliseconds);
}
