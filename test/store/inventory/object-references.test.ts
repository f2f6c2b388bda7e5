import { afterAll, beforeAll, expect, it } from 'vitest';
import { VERSION_COLUMNS } from '../../../src/store/dataset/version-reasons.ts';
import { OBJECT_COLUMNS } from '../../../src/store/inventory/object-references.ts';
import { createTestContext, type TestContext } from '../../support/context.ts';
import { createTestDatabase } from '../../support/database.ts';

let ctx: TestContext;
let drop: () => Promise<void>;
beforeAll(async () => {
  const database = await createTestDatabase();
  ctx = await createTestContext(database.url);
  drop = database.drop;
});
afterAll(async () => {
  await ctx.close();
  await drop();
});

it('every column that may hold the name of an object says what it means for keeping it', async () => {
  const rows = await ctx.sql<{ column: string }[]>`
    select table_name || '.' || column_name as column from information_schema.columns
    where table_schema = 'public' and column_name ~ '(^|_)(oids?|md5s?|objects?|members)$' order by 1`;
  expect(rows.map((row) => row.column)).toEqual(Object.keys(OBJECT_COLUMNS).sort());
});

it('every key that leads to a version says what it means for keeping it', async () => {
  const rows = await ctx.sql<{ column: string }[]>`
    select c.conrelid::regclass || '.' || a.attname as column
    from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any(c.conkey)
    where c.contype = 'f' and c.confrelid = 'versions'::regclass order by 1`;
  expect(rows.map((row) => row.column)).toEqual(Object.keys(VERSION_COLUMNS).sort());
});
