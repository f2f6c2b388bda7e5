import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import postgres from 'postgres';
import { startEmbeddedPostgres } from '../../src/store/postgres/embedded-postgres.ts';
import { censusPredictions, trainingCsv } from './census-rows.ts';
import { type Running, startServer, startService } from './child-process.ts';
import { call, callJson } from './http-client.ts';

export type Servers = {
  /** The PostgreSQL of all of them. */
  readonly database: string;
  readonly service: Running;
  /** Naive: a statement a row. */
  readonly byRow: Running;
  /** Naive: a statement a batch. */
  readonly byBatch: Running;
};

/**
 * The service, with a model of census data, and two naive servers, all on one PostgreSQL with fsync and synchronous
 * commit, all answering when the rows are durable.
 */
export async function withServers<T>(folder: string, work: (servers: Servers) => Promise<T>): Promise<T> {
  mkdirSync(join(folder, 'postgres'), { recursive: true });
  const database = await startEmbeddedPostgres({ directory: join(folder, 'postgres'), log: console });
  await makeDatabases(database.url);
  const service = await startService(folder, { DATABASE_URL: databaseUrl(database.url, 'service') });
  const naive = (way: 'rows' | 'batch') => startServer('naive-server.ts', [databaseUrl(database.url, way), way]);
  const [byRow, byBatch] = await Promise.all([naive('rows'), naive('batch')]);
  try {
    await prepareModel(service.url);
    return await work({ database: database.url, service, byRow, byBatch });
  } finally {
    await Promise.all([service, byRow, byBatch].map((server) => server.end()));
    await database.stop();
  }
}

async function makeDatabases(url: string): Promise<void> {
  const sql = postgres(url, { max: 1 });
  for (const name of ['service', 'rows', 'batch']) await sql.unsafe(`create database ${name}`);
  await sql.end();
}

/** The address of one of the servers' databases. */
export function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** A model bound to training data of the same columns, so that the types of every row are checked. */
export async function prepareModel(url: string): Promise<void> {
  const body = trainingCsv(censusPredictions(1_000_000_000, 2000));
  await call({ method: 'POST', url: `${url}/v1/datasets/census/versions?path=training.csv`, body });
  await callJson({ method: 'POST', url: `${url}/v1/models`, json: { name: 'census', task: 'binary' } });
  const json = { dataset: 'census', ref: 'latest', roles: { prediction: 'prediction', score: 'score' } };
  await callJson({ method: 'POST', url: `${url}/v1/models/census/versions`, json });
}

/** Milliseconds until every row is settled. @throws Error when rows are missing then. */
export async function settled(url: string, rows: number): Promise<number> {
  const started = performance.now();
  for (;;) {
    const counts = await callJson({ method: 'GET', url: `${url}/v1/models/census/counts` });
    if (counts.unsettled_batches === 0) {
      if (counts.settled === rows) return performance.now() - started;
      throw new Error(`${String(counts.settled)} rows are settled where ${rows} were accepted`);
    }
    await delay(20);
  }
}
