import { randomBytes } from 'node:crypto';
import { connect, createServer, type Server } from 'node:net';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { PACKAGE_ROOT } from '../../../src/root.ts';
import { openDatabase } from '../../../src/store/postgres/db.ts';
import { migrateDatabase } from '../../../src/store/postgres/migrate.ts';
import { freePort } from '../../support/free-port.ts';

const name = `empty_${randomBytes(6).toString('hex')}`;
const url = new URL(inject('postgresUrl'));
url.pathname = `/${name}`;
const server = postgres(inject('postgresUrl'), { max: 1, onnotice: () => {} });
beforeAll(async () => {
  await server.unsafe(`create database ${name}`);
});
afterAll(async () => {
  await server.unsafe(`drop database ${name} with (force)`);
  await server.end();
});

describe('migrating', () => {
  it('brings an empty database to the schema, eight processes at once, and again without a change', async () => {
    await Promise.all(Array.from({ length: 8 }, () => migrateDatabase(url.href, PACKAGE_ROOT)));
    const { sql, close } = openDatabase(url.href, 1);
    const read = async () => [
      await sql`select name from projects`,
      await sql`select hash from drizzle.__drizzle_migrations order by id`,
      await sql`select table_name from information_schema.tables where table_schema = 'public' order by 1`,
    ];
    const first = await read();
    expect(first[0]).toEqual([{ name: 'default' }]);
    expect(first[2]).toContainEqual({ table_name: 'jobs' });
    await migrateDatabase(url.href, PACKAGE_ROOT);
    expect(await read()).toEqual(first);
    // The lock went with the connection.
    expect(
      await sql`select 1 from pg_locks where locktype = 'advisory' and database = (
      select oid from pg_database where datname = ${name})`,
    ).toHaveLength(0);
    await close();
  });

  it('refuses a database that a newer release has migrated, and changes nothing in it', async () => {
    await migrateDatabase(url.href, PACKAGE_ROOT);
    const { sql, close } = openDatabase(url.href, 1);
    await sql`insert into drizzle.__drizzle_migrations (hash, created_at) values ('to come', ${Date.UTC(2999, 0)})`;
    await expect(migrateDatabase(url.href, PACKAGE_ROOT)).rejects.toMatchObject({
      code: 'invalid-configuration',
      message: expect.stringContaining('Start the newer one, or restore the backup'),
    });
    await sql`delete from drizzle.__drizzle_migrations where hash = 'to come'`;
    await expect(migrateDatabase(url.href, PACKAGE_ROOT)).resolves.toBeUndefined();
    await close();
  });

  it('waits for a database that is not there yet, as long as it is to', async () => {
    // Nobody listens there until a proxy to the database does.
    const port = await freePort();
    const late = new URL(url);
    late.host = `127.0.0.1:${port}`;
    await expect(migrateDatabase(late.href, PACKAGE_ROOT)).rejects.toMatchObject({ code: 'database-unavailable' });

    const waited: Error[] = [];
    let proxy: Server | undefined;
    const onWait = (failure: Error): void => {
      waited.push(failure);
      proxy ??= createServer((client) => {
        const database = connect(Number(url.port), url.hostname);
        client.pipe(database).pipe(client);
        client.on('error', () => database.destroy());
      }).listen(port, '127.0.0.1');
    };
    await migrateDatabase(late.href, PACKAGE_ROOT, { milliseconds: 300_000, onWait });
    expect(waited.length).toBeGreaterThan(0);
    proxy?.close();
  });

  it('fails where there is no database', async () => {
    const nowhere = new URL(url);
    nowhere.pathname = `/${name}_none`;
    await expect(migrateDatabase(nowhere.href, PACKAGE_ROOT)).rejects.toThrow('does not exist');
  });
});
