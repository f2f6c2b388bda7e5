import { and, asc, desc, eq, gte, inArray, isNotNull, lte, sql } from 'drizzle-orm';
import { batches, columnVerdicts, reports, windows } from '../../../schemas/tables/index.ts';
import { ofVersion } from '../log/version-rows.ts';
import { bigints } from '../postgres/array-literal.ts';
import type { Db } from '../postgres/db.ts';

export type ReportRow = typeof reports.$inferSelect;
export type ColumnVerdictRow = typeof columnVerdicts.$inferSelect;

const COLUMNS_AT_ONCE = 1000;

export async function insertReport(
  tx: Db,
  report: typeof reports.$inferInsert,
  columns: readonly Omit<ColumnVerdictRow, 'reportId'>[],
): Promise<void> {
  await tx.insert(reports).values(report);
  for (let from = 0; from < columns.length; from += COLUMNS_AT_ONCE) {
    const part = columns.slice(from, from + COLUMNS_AT_ONCE);
    await tx.insert(columnVerdicts).values(part.map((column) => ({ ...column, reportId: report.id })));
  }
}

export async function findReport(db: Db, projectId: number, id: string): Promise<ReportRow | null> {
  const rows = await db
    .select()
    .from(reports)
    .where(and(eq(reports.projectId, projectId), eq(reports.id, id)));
  return rows[0] ?? null;
}

export async function findReportOfRevision(db: Db, windowId: number, revision: number): Promise<ReportRow | null> {
  const rows = await db
    .select()
    .from(reports)
    .where(and(eq(reports.windowId, windowId), eq(reports.revision, revision)));
  return rows[0] ?? null;
}

export type ReportSummaryRow = Pick<ReportRow, 'id' | 'revision' | 'verdict' | 'rows' | 'createdAt'>;

/** The reports of a window without their bodies, newest revision first. */
export async function listReports(db: Db, windowId: number): Promise<ReportSummaryRow[]> {
  return db
    .select({
      id: reports.id,
      revision: reports.revision,
      verdict: reports.verdict,
      rows: reports.rows,
      createdAt: reports.createdAt,
    })
    .from(reports)
    .where(eq(reports.windowId, windowId))
    .orderBy(desc(reports.revision));
}

/** The reports of a window under one configuration up to a revision, oldest first. */
export async function listLooks(
  db: Db,
  { windowId, monitorRevisionId, revision }: Pick<ReportRow, 'windowId' | 'monitorRevisionId' | 'revision'>,
): Promise<Pick<ReportRow, 'id' | 'verdict' | 'rows'>[]> {
  return db
    .select({ id: reports.id, verdict: reports.verdict, rows: reports.rows })
    .from(reports)
    .where(
      and(
        eq(reports.windowId, windowId),
        eq(reports.monitorRevisionId, monitorRevisionId),
        lte(reports.revision, revision),
      ),
    )
    .orderBy(asc(reports.revision));
}

/** What became of the columns of these reports, by report, in the order of the table. */
export async function listColumnVerdicts(
  db: Db,
  reportIds: readonly string[],
): Promise<Map<string, ColumnVerdictRow[]>> {
  const byReport = new Map<string, ColumnVerdictRow[]>();
  if (reportIds.length === 0) return byReport;
  const rows = await db
    .select()
    .from(columnVerdicts)
    .where(inArray(columnVerdicts.reportId, [...reportIds]))
    .orderBy(asc(columnVerdicts.position));
  for (const row of rows) {
    const known = byReport.get(row.reportId);
    if (known === undefined) byReport.set(row.reportId, [row]);
    else known.push(row);
  }
  return byReport;
}

/** One column in the current reports of a monitor's newest windows, in order of time. */
export async function listColumnSeries(
  db: Db,
  monitorId: number,
  series: { column: string; before: Date | null; limit: number },
): Promise<{ window: typeof windows.$inferSelect; verdict: ColumnVerdictRow }[]> {
  const rows = await db
    .select({ window: windows, verdict: columnVerdicts })
    .from(windows)
    .innerJoin(columnVerdicts, eq(columnVerdicts.reportId, windows.reportId))
    .where(
      and(
        eq(windows.monitorId, monitorId),
        eq(columnVerdicts.column, series.column),
        series.before === null ? undefined : sql`${windows.start} < ${series.before.toISOString()}::timestamptz`,
      ),
    )
    .orderBy(desc(windows.start))
    .limit(series.limit);
  return rows.reverse();
}

export type ReportParts = { readonly counts: unknown; readonly table?: unknown; readonly columns: unknown };

/** The numbers of a report, what it says of whole rows and of the columns that drifted, without the rest of its body. */
export async function findReportParts(db: Db, id: string): Promise<ReportParts> {
  const part = { counts: sql<unknown>`${reports.body}->'counts'`, table: sql<unknown>`${reports.body}->'table'` };
  const columns = sql<unknown>`(
    select coalesce(jsonb_agg(
      jsonb_build_object('name', c->'name', 'verdict', c->'verdict', 'findings', c->'findings') order by n), '[]')
    from jsonb_array_elements(body->'columns') with ordinality of_body(c, n) where c->>'verdict' = 'drift')`;
  const [found] = await db
    .select({ ...part, columns })
    .from(reports)
    .where(eq(reports.id, id));
  if (found === undefined) throw new Error(`report ${id} vanished`);
  return { counts: found.counts, columns: found.columns, ...(found.table !== null && { table: found.table }) };
}

export type WindowEffect = {
  readonly start: Date;
  /** Null where the window was judged without that column. */
  readonly column: string | null;
  readonly measure: string | null;
  readonly effect: number | null;
};

/** What some columns came to in the newest judged windows that start at or before `through`, in order of time. */
export async function listEffects(
  db: Db,
  monitorId: number,
  asked: { columns: readonly string[]; through: Date; windows: number },
): Promise<WindowEffect[]> {
  const newest = db
    .select({ start: windows.start, reportId: windows.reportId })
    .from(windows)
    .where(and(eq(windows.monitorId, monitorId), lte(windows.start, asked.through), isNotNull(windows.reportId)))
    .orderBy(desc(windows.start))
    .limit(asked.windows)
    .as('newest');
  return db
    .select({
      start: newest.start,
      column: columnVerdicts.column,
      measure: columnVerdicts.measure,
      effect: columnVerdicts.effect,
    })
    .from(newest)
    .leftJoin(
      columnVerdicts,
      and(eq(columnVerdicts.reportId, newest.reportId), inArray(columnVerdicts.column, [...asked.columns])),
    )
    .orderBy(asc(newest.start));
}

/** What was counted of a batch as a whole, and when it was settled. */
export type CountedBatch = { readonly rows: number; readonly violations: unknown; readonly sequence: number };

/** By id. */
export async function findCountedBatches(db: Db, batchIds: readonly number[]): Promise<Map<number, CountedBatch>> {
  const rows = await db
    .select({ id: batches.id, rows: batches.rows, violations: batches.violations, sequence: batches.settleSequence })
    .from(batches)
    .where(sql`${batches.id} = any(${bigints(batchIds)}::int8[])`);
  return new Map(rows.map(({ id, sequence, ...counted }) => [id, { ...counted, sequence: sequence ?? 0 }]));
}

/** The batch of predictions, of so many rows at least, that settled first for a model; null when none has. */
export async function findFirstBatch(
  db: Db,
  modelId: number,
  { leastRows }: { readonly leastRows: number },
): Promise<CountedBatch | null> {
  const [found] = await db
    .select({ rows: batches.rows, violations: batches.violations, sequence: batches.settleSequence })
    .from(batches)
    .where(
      and(
        eq(batches.modelId, modelId),
        eq(batches.kind, 'predictions'),
        isNotNull(batches.settleSequence),
        gte(batches.rows, leastRows),
      ),
    )
    .orderBy(asc(batches.settleSequence))
    .limit(1);
  return found === undefined ? null : { ...found, sequence: found.sequence ?? 0 };
}

export type WindowLabel = { readonly batchId: number; readonly row: number; readonly label: string };

/** The labels that have come for the predictions of a window, by batch and row. */
export async function listWindowLabels(
  db: Db,
  modelId: number,
  given: { batchIds: readonly number[]; start: Date; end: Date; version: string | null },
): Promise<WindowLabel[]> {
  const rows = await db.execute<{ batch_id: string; row: number; label: string }>(sql`
    select p.batch_id, p.row, l.label
    from prediction_index p join label_index l on l.model_id = p.model_id and l.id_hash = p.id_hash
      ${ofVersion(given.version)}
    where p.batch_id = any(${bigints(given.batchIds)}::int8[]) and p.model_id = ${modelId}
      and p.event_time >= ${given.start.toISOString()}::timestamptz
      and p.event_time < ${given.end.toISOString()}::timestamptz
    order by p.batch_id, p.row`);
  return rows.map((row) => ({ batchId: Number(row.batch_id), row: row.row, label: row.label }));
}

/** How many rows of each judged column of these reports' windows had a value, and one that their reference does not know. */
export async function listColumnCounts(
  db: Db,
  reportIds: readonly string[],
): Promise<{ name: string; rows: number; filled: number; unseen: number; outside: number }[]> {
  if (reportIds.length === 0) return [];
  return db.execute<{ name: string; rows: number; filled: number; unseen: number; outside: number }>(sql`
    select c->>'name' as name, (w->>'rows')::float8 as rows,
      (w->>'rows')::float8 - (w->>'nulls')::float8 - (w->>'nan')::float8 as filled,
      (w->>'unseen')::float8 as unseen, (w->>'below')::float8 + (w->>'above')::float8 as outside
    from reports r cross join jsonb_array_elements(r.body->'columns') c cross join lateral (select c->'counts'->'window') x (w)
    where r.id in ${reportIds}`);
}
