import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../src/root.ts';
import { openDatabase, SESSION } from '../../src/store/postgres/db.ts';
import { migrateDatabase } from '../../src/store/postgres/migrate.ts';
import { askServerAt } from '../../src/store/postgres/silent-connections.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { startPooler } from '../support/pooler.ts';

const program = process.env.PGBOUNCER;
/** Every pooler lets the name pass. */
const SAID = Object.keys(SESSION).filter((name) => name !== 'application_name');

if (program === undefined) console.warn('PGBOUNCER is not set: nothing is read through a real pooler.');

describe.skipIf(program === undefined)('a database behind a real pooler (skipped without PGBOUNCER)', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it.each([
    ['sessions are lent to others between two transactions', { mode: 'transaction', ignored: SAID }],
    ['what is said of a session is refused', { mode: 'session', ignored: [] }],
  ] as const)('is refused where %s, with what to do', async (_, manner) => {
    const pooler = await startPooler(program ?? '', database.url, manner);
    await expect(migrateDatabase(pooler.url, PACKAGE_ROOT)).rejects.toMatchObject({
      code: 'invalid-configuration',
      message: expect.stringContaining(`(ignore_startup_parameters = ${SAID.join(', ')})`),
    });
    await pooler.close();
  });

  it('serves where it keeps them, and no statement is taken for lost for its foreign process number', async () => {
    const pooler = await startPooler(program ?? '', database.url, { mode: 'session', ignored: SAID });
    await migrateDatabase(pooler.url, PACKAGE_ROOT);
    const { sql, close } = openDatabase(pooler.url, 2);
    const told = new Promise<string>((resolve) => {
      void sql.listen('heard', resolve, () => void sql.notify('heard', 'here'));
    });
    expect(await told).toBe('here');
    const { state } = await sql`select 1`;
    expect(await askServerAt(pooler.url)([state?.pid ?? 0])).toBeNull();
    await close();
    await pooler.close();
  });
});
