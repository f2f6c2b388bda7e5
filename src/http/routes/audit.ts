import type { z } from 'zod';
import { type AuditAction, auditQuery, auditView } from '../../../schemas/wire/audit.ts';
import { pageOf } from '../../../schemas/wire/shapes.ts';
import { readAudit } from '../../domain/access/audit.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { type App, route } from '../route.ts';

/** Who did what. */
export function auditRoutes(app: App): void {
  route(
    app,
    {
      id: 'listAuditEntries',
      method: 'get',
      path: '/v1/audit',
      tag: 'operations',
      summary: 'List what was done to the project, newest first',
      description:
        'Quarantined and healed objects, other bytes under a taken name, what was deleted, restored and removed, tags ' +
        'that moved, keys. An entry is written with what it tells of, and never changed.',
      scope: 'admin',
      query: auditQuery,
      answers: { 200: { description: 'Entries', schema: pageOf(auditView) } },
    },
    async ({ ctx, actor, query }) => {
      const { limit, cursor, request_id: requestId, since, until, ...filter } = query;
      const rows = await readAudit(ctx, actor, {
        ...filter,
        requestId,
        since: since === undefined ? undefined : new Date(since),
        until: until === undefined ? undefined : new Date(until),
        before: readCursor(cursor, Number.MAX_SAFE_INTEGER),
        limit: limit + 1,
      });
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      const items = rows.slice(0, limit).map(viewEntry);
      return { status: 200, body: { items, next: last === undefined ? null : writeCursor(last.id) } };
    },
  );
}

type Entry = Awaited<ReturnType<typeof readAudit>>[number];

const viewEntry = ({ at, author, action, subject, requestId, details }: Entry): z.input<typeof auditView> => ({
  at: at.toISOString(),
  author,
  // Written by `note` alone, whose entries have one of these, and an object of details.
  action: action as AuditAction,
  subject,
  request_id: requestId,
  details: details as Record<string, unknown>,
});
