/**
 * What one writes first: parse each line, insert the rows as jsonb in one transaction, answer when it is
 * committed. No checks, no identity, no repeats. On the first day each row is a statement of its own (`rows`);
 * on the second the batch is one statement (`batch`). `naive-server.ts <connection string> rows|batch`.
 */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import postgres from 'postgres';

const [, , url = '', way = ''] = process.argv;
const sql = postgres(url, { max: 16, onnotice: () => {} });
await sql`create table if not exists predictions (
  id bigint generated always as identity primary key,
  model text not null,
  row jsonb not null,
  received_at timestamptz not null default now()
)`;

const app = new Hono();
app.post('/v1/models/:model/predictions', async (c) => {
  const model = c.req.param('model');
  const lines = (await c.req.text()).split('\n').filter((line) => line !== '');
  const rows = lines.map((line) => ({ model, row: sql.json(JSON.parse(line)) }));
  if (way === 'rows') {
    await sql.begin(async (tx) => {
      for (const row of rows) await tx`insert into predictions ${tx(row, 'model', 'row')}`;
    });
  } else await sql`insert into predictions ${sql(rows, 'model', 'row')}`;
  return c.json({ accepted: rows.length });
});

serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => process.send?.(port));
process.on('disconnect', () => process.exit(0));
