import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { afterAll, expect, inject, it } from 'vitest';
import { PACKAGE_ROOT } from '../../../src/root.ts';
import { migrateDatabase } from '../../../src/store/postgres/migrate.ts';

const url = new URL(inject('postgresUrl'));
url.pathname = `/latin_${randomBytes(6).toString('hex')}`;
const server = postgres(inject('postgresUrl'), { max: 1, onnotice: () => {} });
afterAll(() => server.end());

it('a database that does not hold UTF-8 is refused, and nothing is made in it', async () => {
  const name = url.pathname.slice(1);
  await server.unsafe(`create database ${name} encoding 'LATIN1' locale 'C' template template0`);
  await expect(migrateDatabase(url.href, PACKAGE_ROOT)).rejects.toMatchObject({
    code: 'invalid-configuration',
    message: expect.stringContaining('The database holds LATIN1'),
  });
  const inside = postgres(url.href, { max: 1, onnotice: () => {} });
  expect(await inside`select nspname from pg_namespace where nspname = 'drizzle'`).toEqual([]);
  await inside.end();
  await server.unsafe(`drop database ${name} with (force)`);
});
