import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../src/root.ts';
import { openDatabase } from '../../src/store/postgres/db.ts';
import { migrateDatabase } from '../../src/store/postgres/migrate.ts';
import { cutSilentConnections } from '../../src/store/postgres/silent-connections.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startPooler } from '../support/pooler.ts';

const program = process.env.PGBOUNCER;

if (program === undefined) console.warn('PGBOUNCER is not set: nothing is read through a real pooler.');

describe.skipIf(program === undefined)('a database behind a real pooler (skipped without PGBOUNCER)', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('is refused where sessions are lent to others between two transactions', async () => {
    const pooler = await startPooler(program ?? '', database.url, 'transaction');
    await expect(migrateDatabase(pooler.url, PACKAGE_ROOT)).rejects.toMatchObject({
      code: 'invalid-configuration',
      message: expect.stringContaining('set its pool_mode to session'),
    });
    await pooler.close();
  });

  it('serves where it keeps them, and no statement is taken for lost for its foreign process number', async () => {
    const pooler = await startPooler(program ?? '', database.url, 'session');
    await migrateDatabase(pooler.url, PACKAGE_ROOT);
    const { sql, close } = openDatabase(pooler.url, 2);
    const end = cutSilentConnections(sql, pooler.url, { silence: 50, answer: 10_000 });
    const told = new Promise<string>((resolve) => {
      void sql.listen('heard', resolve, () => void sql.notify('heard', 'here'));
    });
    expect(await told).toBe('here');
    expect(await sql`select pg_sleep(0.5), ${'kept'}::text as what`).toMatchObject([{ what: 'kept' }]);
    end();
    await close();
    await pooler.close();
  });
});
