import { and, asc, desc, eq, gt, inArray, lt, ne } from 'drizzle-orm';
import { episodeWindows, reports, windows } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';

export type FedWindow = typeof episodeWindows.$inferSelect;

/** Keeps how a window stood when the episode was fed it, or stands now that it was revised. */
export async function putFedWindow(tx: Db, row: FedWindow): Promise<void> {
  const { reportId, verdict } = row;
  await tx
    .insert(episodeWindows)
    .values(row)
    .onConflictDoUpdate({ target: [episodeWindows.episodeId, episodeWindows.windowId], set: { reportId, verdict } });
}

/** The windows that an episode was fed, in order. */
export async function listFedWindows(tx: Db, episodeId: string): Promise<FedWindow[]> {
  return tx
    .select()
    .from(episodeWindows)
    .where(eq(episodeWindows.episodeId, episodeId))
    .orderBy(asc(episodeWindows.start));
}

/** Windows of an episode that were judged anew since, against the same reference, with what they were taken for. */
export async function listRevisedWindows(
  tx: Db,
  episodeId: string,
  referenceOid: string,
): Promise<{ window: typeof windows.$inferSelect; former: string }[]> {
  return tx
    .select({ window: windows, former: episodeWindows.verdict })
    .from(episodeWindows)
    .innerJoin(windows, eq(windows.id, episodeWindows.windowId))
    .innerJoin(reports, eq(reports.id, windows.reportId))
    .where(
      and(
        eq(episodeWindows.episodeId, episodeId),
        eq(windows.state, 'judged'),
        ne(windows.reportId, episodeWindows.reportId),
        eq(reports.referenceOid, referenceOid),
      ),
    )
    .orderBy(asc(windows.start));
}

/** The newest windows with a report against a reference that begin between two points in time, in order. */
export async function listComparedWindows(
  tx: Db,
  monitorId: number,
  asked: { referenceOid: string; after: Date | null; before: Date; limit: number },
): Promise<(typeof windows.$inferSelect)[]> {
  const rows = await tx
    .select({ window: windows })
    .from(windows)
    .innerJoin(reports, eq(reports.id, windows.reportId))
    .where(
      and(
        eq(windows.monitorId, monitorId),
        eq(reports.referenceOid, asked.referenceOid),
        asked.after === null ? undefined : gt(windows.start, asked.after),
        lt(windows.start, asked.before),
      ),
    )
    .orderBy(desc(windows.start))
    .limit(asked.limit);
  return rows.map(({ window }) => window).reverse();
}

/** Whether a window of the episode is to be judged anew and is not yet. */
export async function hasOpenWindow(tx: Db, episodeId: string): Promise<boolean> {
  const rows = await tx
    .select({ id: windows.id })
    .from(episodeWindows)
    .innerJoin(windows, eq(windows.id, episodeWindows.windowId))
    .where(and(eq(episodeWindows.episodeId, episodeId), inArray(windows.state, ['open', 'ready'])))
    .limit(1);
  return rows.length > 0;
}
