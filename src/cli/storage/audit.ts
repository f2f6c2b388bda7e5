import { z } from 'zod';
import type { Client } from '../client/client.ts';
import { pointInTime } from '../terminal/point-in-time.ts';
import { type Terminal, table } from '../terminal/terminal.ts';

const entries = z.looseObject({
  items: z.array(
    z.looseObject({
      at: z.string(),
      author: z.string(),
      action: z.string(),
      subject: z.string(),
      request_id: z.string().nullable(),
    }),
  ),
});

export type AuditOptions = {
  readonly limit: number;
  readonly action?: string;
  readonly author?: string;
  readonly subject?: string;
};

/** Lists what was done to the project, newest first. */
export async function audit(client: Client, terminal: Terminal, options: AuditOptions): Promise<void> {
  const { limit, action, author, subject } = options;
  const { items } = await client.call(entries, 'GET', '/v1/audit', {
    query: { limit: String(limit), action, author, subject },
  });
  terminal.result(items, () =>
    table([
      ['WHEN', 'WHO', 'WHAT', 'OF', 'REQUEST'],
      ...items.map((entry) => [
        pointInTime(entry.at),
        entry.author,
        entry.action,
        entry.subject,
        entry.request_id ?? '',
      ]),
    ]),
  );
}
