import type { Mattering, MatteringColumn } from '../../../schemas/wire/importance.ts';
import { storedEstimate, storedPerformance } from '../../../schemas/wire/performance.ts';
import { findRevisionById } from '../../store/monitors.ts';
import { listEstimates, listPerformance } from '../../store/performance.ts';
import type { Db } from '../../store/postgres/db.ts';
import { type ColumnVerdictRow, listColumnSeries, type ReportRow } from '../../store/reports.ts';
import type { WindowRow } from '../../store/windows.ts';
import { readImportance } from './importance.ts';
import { correlateWithPerformance, type DriftAndPerformance, driftOf, rankMattering } from './mattering.ts';

/** Columns whose drift is held against performance, and windows that are looked back at. */
const MOST_COLUMNS = 10;
const MOST_WINDOWS = 60;

/** Which of the columns that drifted in a report matter, as far as is known now: labels still come. */
export async function readMattering(
  db: Db,
  { report, window, columns }: { report: ReportRow; window: WindowRow; columns: readonly ColumnVerdictRow[] },
): Promise<Mattering> {
  const revision = await findRevisionById(db, report.monitorRevisionId);
  // None is ever deleted while a report names it.
  if (revision === null) throw new Error(`the configuration of ${report.id} is gone`);
  const drifted = columns.filter(({ verdict }) => verdict === 'drift');
  if (drifted.length === 0) return { importance_from: null, reason: null, columns: [] };
  const { from, shares, reason } = await readImportance(db, revision);
  const named = drifted.map(({ column, effect, limit }) => ({ name: column, effect, limit }));
  const found: MatteringColumn[] = [];
  for (const one of rankMattering(named, shares).slice(0, MOST_COLUMNS)) {
    found.push({
      ...one,
      correlation: await correlationOf(db, { monitorId: report.monitorId, window, column: one.column }),
    });
  }
  return { importance_from: from, reason, columns: found };
}

async function correlationOf(
  db: Db,
  { monitorId, window, column }: { monitorId: number; window: WindowRow; column: string },
): Promise<MatteringColumn['correlation']> {
  // Up to this window and with it.
  const before = new Date(window.start.getTime() + 1);
  const series = await listColumnSeries(db, monitorId, { column, before, limit: MOST_WINDOWS });
  const ids = series.map((entry) => entry.window.id);
  const [performance, estimates] = await Promise.all([listPerformance(db, ids), listEstimates(db, ids)]);
  const known = series.map(({ window: { id } }) => {
    const row = performance.get(id);
    const realised = row === undefined ? undefined : storedPerformance.parse(row.metrics).judgement?.comparisons;
    const estimate = estimates.get(id);
    const expected = estimate === undefined ? undefined : storedEstimate.parse(estimate.estimate).comparisons;
    return { realised: realised ?? [], expected: expected ?? [] };
  });
  const metric = known
    .flatMap(({ realised, expected }) => [...realised, ...expected])
    .find(({ worsening }) => worsening !== null)?.metric;
  if (metric === undefined) return null;
  const of = (comparisons: (typeof known)[number]['realised']): number | null =>
    comparisons.find((one) => one.metric === metric)?.worsening ?? null;
  const pairs = series.flatMap(({ verdict }, i): DriftAndPerformance[] => {
    const drift = driftOf(verdict.effect, verdict.limit);
    const realised = of(known[i]?.realised ?? []);
    const worsening = realised ?? of(known[i]?.expected ?? []);
    return drift === null || worsening === null ? [] : [{ drift, worsening, estimated: realised === null }];
  });
  return correlateWithPerformance(pairs, metric);
}
