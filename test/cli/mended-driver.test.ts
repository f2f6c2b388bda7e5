import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mend } from '../../src/cli/mended-driver.ts';
import { PACKAGE_ROOT } from '../../src/root.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

let database: TestDatabase;
let sockets: Socket[];
let sql: postgres.Sql;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

beforeEach(async (test) => {
  sockets = [];
  const { hostname, port } = new URL(database.url);
  const socket = async () => {
    const made = connect(Number(port), hostname);
    await once(made, 'connect');
    sockets.push(made);
    return made;
  };
  // The driver knows this option; its types do not.
  const options = { max: 1, backoff: () => 0, onnotice: () => {}, socket } as postgres.Options<Record<string, never>>;
  sql = postgres(database.url, options);
  await sql`drop table if exists kept`;
  await sql`create table kept (what text)`;
  test.onTestFinished(() => sql.end({ timeout: 1 }));
});

/** As a network does that fails. */
const cut = (): void => void sockets.at(-1)?.destroy();
const kept = async (): Promise<string[]> => (await sql`select what from kept order by what`).map(({ what }) => what);

describe('a connection that is cut', () => {
  it('is used again, though something was about to be written', async () => {
    // Its end is told after what was planned for this turn: what is written in between is planned for the next one.
    cut();
    await turn();
    await sql`select 1`.catch(() => 'lost');
    expect(await sql`select 2 as n`).toEqual([{ n: 2 }]);
    cut();
    await turn();
    await turn();
    expect(await sql`select 3 as n`).toEqual([{ n: 3 }]);
  });

  it('takes a transaction with it, whose rollback ends no process', async () => {
    const lost = sql.begin(async (tx) => {
      await tx`insert into kept values ('first')`;
      cut();
      await tx`select 1`;
    });
    await expect(lost).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
    await sql.begin((tx) => tx`insert into kept values ('whole')`);
    expect(await kept()).toEqual(['whole']);
  });

  it('takes a transaction with it, which does not go on in the place of others', async () => {
    let end: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const lost = sql.begin(async (tx) => {
      await tx`insert into kept values ('first')`;
      cut();
      await tx`select 1`.catch(() => 'lost');
      // The pool opens the connection again, for somebody else.
      expect(await kept()).toEqual([]);
      await tx`insert into kept values ('late')`.finally(end);
    });
    await expect(lost).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
    await ended;
    expect(await kept()).toEqual([]);
  });
});

it('knows the driver that is installed', () => {
  const source = (file: string) => readFileSync(join(PACKAGE_ROOT, 'node_modules', 'postgres', 'src', file), 'utf8');
  for (const file of ['connection.js', 'index.js']) expect(mend(file, source(file))).not.toBe(source(file));
  expect(() => mend('index.js', '')).toThrow(/another one/);
});
