/**
 * What one writes on the first day: parse each line, insert the batch's rows as jsonb in one statement, answer
 * when it is committed. No checks, no identity, no repeats. `naive-server.ts <connection string>`.
 */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import postgres from 'postgres';

const sql = postgres(process.argv[2] ?? '', { max: 16, onnotice: () => {} });
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
  await sql`insert into predictions ${sql(rows, 'model', 'row')}`;
  return c.json({ accepted: rows.length });
});

serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => process.send?.(port));
process.on('disconnect', () => process.exit(0));
