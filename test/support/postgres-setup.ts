import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import type { TestProject } from 'vitest/node';
import { PACKAGE_ROOT } from '../../src/root.ts';
import { startEmbeddedPostgres } from '../../src/store/embedded-postgres.ts';
import { migrateDatabase } from '../../src/store/migrate.ts';
import { TEMPLATE } from './database.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server of this test run, as its superuser. */
    readonly postgresUrl: string;
  }
}

/** One PostgreSQL for the whole run, with a migrated template that each test file copies. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'tidemark-postgres-'));
  const silent = { info: () => {}, error: () => {} };
  // What a test run loses with the machine's power it can make again.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' };
  const server = await startEmbeddedPostgres({ directory, log: silent, settings });
  const sql = postgres(server.url, { max: 1, onnotice: () => {} });
  await sql.unsafe(`create database ${TEMPLATE}`);
  await sql.end();
  const template = new URL(server.url);
  template.pathname = `/${TEMPLATE}`;
  await migrateDatabase(template.href, PACKAGE_ROOT);
  project.provide('postgresUrl', server.url);
  return async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
}
