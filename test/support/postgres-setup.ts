import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import type { TestProject } from 'vitest/node';
import { PACKAGE_ROOT } from '../../src/root.ts';
import { startEmbeddedPostgres } from '../../src/store/postgres/embedded-postgres.ts';
import { migrateDatabase } from '../../src/store/postgres/migrate.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The server of this test run, as a user who may create databases. */
    readonly postgresUrl: string;
    /** Migrated once a run, copied for each test file. */
    readonly postgresTemplate: string;
  }
}

type Server = { readonly url: string; readonly stop: () => Promise<void> };

/** One PostgreSQL for the whole run (or the one of TEST_DATABASE_URL), with a migrated template to copy. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.TEST_DATABASE_URL;
  const server = given ? { url: given, stop: async () => {} } : await startThrowawayServer();
  const template = `tidemark_template_${randomBytes(4).toString('hex')}`;
  try {
    await statement(server.url, `create database ${template}`);
    const url = new URL(server.url);
    url.pathname = `/${template}`;
    await migrateDatabase(url.href, PACKAGE_ROOT);
  } catch (error) {
    await server.stop();
    throw error;
  }
  project.provide('postgresUrl', server.url);
  project.provide('postgresTemplate', template);
  return async () => {
    await statement(server.url, `drop database ${template} with (force)`);
    await server.stop();
  };
}

async function startThrowawayServer(): Promise<Server> {
  const directory = mkdtempSync(join(tmpdir(), 'tidemark-postgres-'));
  // It waits for the end of a pipe that only we hold, so it cleans up after a killed run as well.
  const cleaner = spawn(
    '/bin/sh',
    ['-c', 'read -r _; kill -QUIT "$(head -n 1 "$1/data/postmaster.pid")" && sleep 1; rm -rf "$1"', 'sh', directory],
    { detached: true, stdio: ['pipe', 'ignore', 'ignore'] },
  );
  cleaner.unref();
  // What a test run loses with the machine's power it can make again.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' };
  const server = await startEmbeddedPostgres({ directory, log: { info: () => {}, error: () => {} }, settings });
  return {
    url: server.url,
    stop: async () => {
      await server.stop();
      cleaner.stdin.end();
    },
  };
}

async function statement(server: string, text: string): Promise<void> {
  const sql = postgres(server, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(text);
  } finally {
    await sql.end();
  }
}
