import { and, asc, desc, eq, gt, inArray, isNotNull, isNull, lt, lte, ne, or, sql } from 'drizzle-orm';
import {
  columnVerdicts,
  datasets,
  episodeEvents,
  episodes,
  models,
  monitorRevisions,
  monitors,
  reports,
  silences,
  versions,
} from '../../../schemas/tables/index.ts';
import { stands } from '../access/standing-projects.ts';
import type { Db } from '../postgres/db.ts';

export type EpisodeRow = typeof episodes.$inferSelect;
export type EpisodeEventRow = typeof episodeEvents.$inferSelect;
type EpisodeState = EpisodeRow['state'];

/** An episode with the names of what it is about. */
export type NamedEpisode = EpisodeRow & { readonly model: string; readonly monitor: string };

export async function insertEpisode(tx: Db, row: typeof episodes.$inferInsert): Promise<EpisodeRow> {
  const [made] = await tx.insert(episodes).values(row).returning();
  if (made === undefined) throw new Error('insert returned no row');
  return made;
}

export type EpisodeChange = Partial<
  Pick<
    EpisodeRow,
    | 'state'
    | 'streak'
    | 'from'
    | 'through'
    | 'firedAt'
    | 'resolvedAt'
    | 'acknowledgedAt'
    | 'acknowledgedBy'
    | 'recent'
    | 'severity'
    | 'flapping'
    | 'assignedTo'
    | 'mutedUntil'
    | 'notifiedAt'
    | 'heldSince'
    | 'repeatSeconds'
    | 'lastReportId'
    | 'summary'
  >
>;

export async function updateEpisode(tx: Db, id: string, change: EpisodeChange): Promise<EpisodeRow> {
  const [row] = await tx.update(episodes).set(change).where(eq(episodes.id, id)).returning();
  if (row === undefined) throw new Error(`episode ${id} vanished`);
  return row;
}

/** The episode of this fingerprint that is not resolved, locked; there is at most one. */
export async function lockLivingEpisode(tx: Db, fingerprint: string): Promise<EpisodeRow | null> {
  const rows = await tx
    .select()
    .from(episodes)
    .where(and(eq(episodes.fingerprint, fingerprint), ne(episodes.state, 'resolved')))
    .for('update');
  return rows[0] ?? null;
}

/** The same of several fingerprints, by fingerprint. */
export async function lockLivingOf(tx: Db, fingerprints: readonly string[]): Promise<Map<string, EpisodeRow>> {
  const rows = await tx
    .select()
    .from(episodes)
    .where(and(inArray(episodes.fingerprint, [...fingerprints]), ne(episodes.state, 'resolved')))
    .orderBy(asc(episodes.id))
    .for('update');
  return new Map(rows.map((row) => [row.fingerprint, row]));
}

/** The episodes of a monitor that are not over, locked. */
export async function listLivingEpisodes(tx: Db, monitorId: number): Promise<EpisodeRow[]> {
  return tx
    .select()
    .from(episodes)
    .where(and(eq(episodes.monitorId, monitorId), ne(episodes.state, 'resolved')))
    .orderBy(asc(episodes.id))
    .for('update');
}

/**
 * Firing episodes that somebody should be told of again by now, or at last because what held them back may be over;
 * what was acknowledged or is muted is not among them. By id, behind `after`.
 */
export async function listToRemind(
  db: Db,
  now: Date,
  page: { after: string; limit: number },
): Promise<{ id: string; projectId: number }[]> {
  const due = sql`${episodes.notifiedAt} + make_interval(secs => ${episodes.repeatSeconds}) <= ${now.toISOString()}::timestamptz`;
  return db
    .select({ id: episodes.id, projectId: episodes.projectId })
    .from(episodes)
    .where(
      and(
        inArray(episodes.state, ['firing', 'no_data', 'error']),
        isNull(episodes.acknowledgedAt),
        or(isNull(episodes.mutedUntil), lte(episodes.mutedUntil, now)),
        or(isNotNull(episodes.heldSince), due),
        gt(episodes.id, page.after),
        stands(sql`${episodes.projectId}`),
      ),
    )
    .orderBy(asc(episodes.id))
    .limit(page.limit);
}

/**
 * The start of the last window that counted for an alert of this fingerprint which is over; null while there is none.
 * Alerts that were withdrawn, or never fired, do not count: their windows may still make another one.
 */
export async function findLastCounted(db: Db, monitorId: number, fingerprint: string): Promise<Date | null> {
  const rows = await db.execute<{ start: string | null }>(sql`
    select max((e.summary->'window'->>'start')::timestamptz) as start from ${episodes} e
    where e.monitor_id = ${monitorId} and e.fingerprint = ${fingerprint} and e.state = 'resolved'
      and exists (select 1 from ${episodeEvents} v where v.episode_id = e.id and v.to_state = 'resolved'
        and v.reason in ('recovered', 'by_hand', 'reference_moved', 'no_longer_watched'))`);
  const start = rows[0]?.start ?? null;
  return start === null ? null : new Date(start);
}

export type SilenceRow = typeof silences.$inferSelect;

export async function insertSilence(tx: Db, row: typeof silences.$inferInsert): Promise<SilenceRow> {
  const [made] = await tx.insert(silences).values(row).returning();
  if (made === undefined) throw new Error('insert returned no row');
  return made;
}

/** Silences of a project that end after `since`, the one that ends last first. */
export async function listSilences(db: Db, projectId: number, since: Date | null): Promise<SilenceRow[]> {
  return db
    .select()
    .from(silences)
    .where(and(eq(silences.projectId, projectId), since === null ? undefined : gt(silences.endsAt, since)))
    .orderBy(desc(silences.endsAt), desc(silences.id))
    .limit(1000);
}

export async function findSilence(db: Db, projectId: number, id: string): Promise<SilenceRow | null> {
  const rows = await db
    .select()
    .from(silences)
    .where(and(eq(silences.projectId, projectId), eq(silences.id, id)));
  return rows[0] ?? null;
}

export async function endSilence(tx: Db, id: string, at: Date): Promise<void> {
  await tx.update(silences).set({ endsAt: at }).where(eq(silences.id, id));
}

const named = (db: Db) =>
  db
    .select({ episode: episodes, model: models.name, monitor: monitors.name })
    .from(episodes)
    .innerJoin(monitors, eq(monitors.id, episodes.monitorId))
    .innerJoin(models, eq(models.id, monitors.modelId));

export async function findEpisode(db: Db, projectId: number, id: string): Promise<NamedEpisode | null> {
  const rows = await named(db).where(and(eq(episodes.projectId, projectId), eq(episodes.id, id)));
  const row = rows[0];
  return row === undefined ? null : { ...row.episode, model: row.model, monitor: row.monitor };
}

export type EpisodeFilter = {
  readonly state?: EpisodeState | undefined;
  readonly model?: string | undefined;
  readonly monitor?: string | undefined;
};

/** Newest first, from the one before the id `before`. */
export async function listEpisodes(
  db: Db,
  projectId: number,
  page: EpisodeFilter & { before: string | undefined; limit: number },
): Promise<NamedEpisode[]> {
  const rows = await named(db)
    .where(
      and(
        eq(episodes.projectId, projectId),
        page.before === undefined ? undefined : lt(episodes.id, page.before),
        page.state === undefined ? undefined : eq(episodes.state, page.state),
        page.model === undefined ? undefined : eq(models.name, page.model),
        page.monitor === undefined ? undefined : eq(monitors.name, page.monitor),
      ),
    )
    .orderBy(desc(episodes.id))
    .limit(page.limit);
  return rows.map((row) => ({ ...row.episode, model: row.model, monitor: row.monitor }));
}

/** The monitor that an episode belongs to; lock it before the episode, as the evaluation does. */
export async function findEpisodeMonitor(db: Db, projectId: number, id: string): Promise<number | null> {
  const rows = await db
    .select({ monitorId: episodes.monitorId })
    .from(episodes)
    .where(and(eq(episodes.projectId, projectId), eq(episodes.id, id)));
  return rows[0]?.monitorId ?? null;
}

export async function insertEpisodeEvent(tx: Db, row: typeof episodeEvents.$inferInsert): Promise<void> {
  await tx.insert(episodeEvents).values(row);
}

export async function listEpisodeEvents(db: Db, episodeId: string): Promise<EpisodeEventRow[]> {
  return db.select().from(episodeEvents).where(eq(episodeEvents.episodeId, episodeId)).orderBy(asc(episodeEvents.id));
}

/** How far the monitor's windows have been fed to its alert. */
export async function setEvaluatedThrough(tx: Db, monitorId: number, through: Date): Promise<void> {
  await tx.update(monitors).set({ evaluatedThrough: through }).where(eq(monitors.id, monitorId));
}

/** What each verdict is looked at by; the body, which is large, is read when something is to be said of it. */
const EVIDENT = {
  id: reports.id,
  revision: reports.revision,
  referenceOid: reports.referenceOid,
  rows: reports.rows,
};

/** A report with the configuration and the reference that it was made under. */
export async function findEvidence(db: Db, reportId: string) {
  const rows = await db
    .select({ report: EVIDENT, revision: monitorRevisions, reference: versions, dataset: datasets.name })
    .from(reports)
    .innerJoin(monitorRevisions, eq(monitorRevisions.id, reports.monitorRevisionId))
    .innerJoin(versions, eq(versions.id, monitorRevisions.referenceVersionId))
    .innerJoin(datasets, eq(datasets.id, versions.datasetId))
    .where(eq(reports.id, reportId));
  return rows[0] ?? null;
}

export type Evidence = NonNullable<Awaited<ReturnType<typeof findEvidence>>>;

/** Columns that drifted in a report, the one furthest above its limit first. */
export async function listDriftedColumns(db: Db, reportId: string): Promise<(typeof columnVerdicts.$inferSelect)[]> {
  const ratio = sql`${columnVerdicts.effect} / nullif(${columnVerdicts.limit}, 0)`;
  return db
    .select()
    .from(columnVerdicts)
    .where(and(eq(columnVerdicts.reportId, reportId), eq(columnVerdicts.verdict, 'drift')))
    .orderBy(sql`${ratio} desc nulls last`, asc(columnVerdicts.position));
}
