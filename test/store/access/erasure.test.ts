import { afterAll, beforeAll, expect, it } from 'vitest';
import { AFTER_OBJECTS, BEFORE_OBJECTS } from '../../../src/store/access/erasure.ts';
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

/** Of no project: the bytes of all lie in these, by what is in them. */
const SHARED = ['bundles', 'bundle_members', 'projects'];
/** Erased with their own steps, between the rest. */
const OBJECTS = ['legacy_names', 'uploads', 'objects'];

/** In the order in which rows go; what hangs on others goes right before them. */
const erased = (): string[] => {
  const own = (tables: typeof BEFORE_OBJECTS) =>
    tables.flatMap(({ table, with: hanging = [] }) => [...hanging.map(([name]) => name), table]);
  return [...new Set([...own(BEFORE_OBJECTS), ...OBJECTS, ...own(AFTER_OBJECTS)])];
};

it('every table is erased with its project, or is said to be of none', async () => {
  const rows = await ctx.sql<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`;
  expect(rows.map(({ name }) => name).toSorted()).toEqual([...erased(), ...SHARED].toSorted());
});

it('whatever points at a row goes before it', async () => {
  const rows = await ctx.sql<{ from: string; to: string; column: string }[]>`
    select c.conrelid::regclass::text as "from", c.confrelid::regclass::text as "to", a.attname as column
    from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any(c.conkey)
    where c.contype = 'f' and c.confrelid <> 'projects'::regclass`;
  const order = erased();
  const wrong = rows.filter(({ from, to }) => !SHARED.includes(from) && order.indexOf(from) >= order.indexOf(to));
  // A model and its version in service point at each other: that is taken away first.
  expect(wrong.map(({ from, column }) => `${from}.${column}`)).toEqual(['models.current_version_id']);
});

it('what hangs on a row is found by a key that leads there', async () => {
  const rows = await ctx.sql<{ key: string }[]>`
    select c.conrelid::regclass || '.' || a.attname || ' > ' || c.confrelid::regclass as key
    from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = any(c.conkey)
    where c.contype = 'f'`;
  const keys = new Set(rows.map(({ key }) => key));
  const said = [...BEFORE_OBJECTS, ...AFTER_OBJECTS].flatMap(({ table, with: hanging = [] }) =>
    hanging.map(([name, column]) => `${name}.${column} > ${table}`),
  );
  expect(said.filter((key) => !keys.has(key))).toEqual([]);
});
