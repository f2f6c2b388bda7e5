/**
 * Deliveries as one writes them first: a page of messages, a few under way at a time over connections that are kept, and
 * one commit each. Nothing is signed, no address is judged, no attempt is kept. `bare-sender.ts`, asked by message.
 */

import postgres from 'postgres';
import { Agent } from 'undici';

export type BareLoad = { readonly database: string; readonly receiver: string; readonly inFlight: number };

const PAGE = 50;

process.once('message', (load: BareLoad) => {
  void deliverAll(load).then((milliseconds) => process.send?.(milliseconds));
});

async function deliverAll({ database, receiver, inFlight }: BareLoad): Promise<number> {
  const sql = postgres(database, { max: inFlight });
  const agent = new Agent({ connections: inFlight });
  const { origin, pathname: path } = new URL(receiver);
  const headers = { 'content-type': 'application/json' };
  // Connections are made and statements prepared before the time is taken.
  await Promise.all(Array.from({ length: inFlight }, () => sql`select 1`));
  const started = performance.now();
  for (;;) {
    const page = await sql<{ id: string; body: string }[]>`
      select id, body from messages where state = 'pending' order by id limit ${PAGE}`;
    if (page.length === 0) break;
    const waiting = page.values();
    const runner = async (): Promise<void> => {
      for (const { id, body } of waiting) {
        const answer = await agent.request({ origin, path, method: 'POST', headers, body });
        await answer.body.dump();
        await sql`update messages set state = 'delivered' where id = ${id}`;
      }
    };
    await Promise.all(Array.from({ length: inFlight }, runner));
  }
  const elapsed = performance.now() - started;
  await agent.close();
  await sql.end();
  return elapsed;
}
