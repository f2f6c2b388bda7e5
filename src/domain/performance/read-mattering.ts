import type { Mattering, MatteringColumn } from '../../../schemas/wire/importance.ts';
import { storedEstimate, storedPerformance } from '../../../schemas/wire/performance.ts';
import { findRevisionById } from '../../store/monitor/monitors.ts';
import { listEstimates, listPerformance } from '../../store/monitor/performance.ts';
import { type ColumnVerdictRow, listColumnSeries, type ReportRow } from '../../store/monitor/reports.ts';
import type { WindowRow } from '../../store/monitor/windows.ts';
import type { Db } from '../../store/postgres/db.ts';
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
  const named = drifted.map(({ column, role, effect, limit }) => ({ name: column, role, effect, limit }));
  const ranked = rankMattering(named, shares).slice(0, MOST_COLUMNS);
  const series = new Map<string, readonly ColumnInWindow[]>();
  for (const { column } of ranked) {
    // Up to this window and with it.
    const before = new Date(window.start.getTime() + 1);
    series.set(column, await listColumnSeries(db, report.monitorId, { column, before, limit: MOST_WINDOWS }));
  }
  const known = await performanceOf(db, [...series.values()].flat());
  const found = ranked.map(
    (one): MatteringColumn => ({ ...one, correlation: correlationOf(series.get(one.column) ?? [], known) }),
  );
  return { importance_from: from, reason, columns: found };
}

type ColumnInWindow = Awaited<ReturnType<typeof listColumnSeries>>[number];

type Comparisons = NonNullable<ReturnType<typeof storedPerformance.parse>['judgement']>['comparisons'];

/** How much worse the model did in a window by its labels, and was expected to do. */
type Known = { readonly realised: Comparisons; readonly expected: Comparisons };

async function performanceOf(db: Db, series: readonly ColumnInWindow[]): Promise<ReadonlyMap<number, Known>> {
  const ids = [...new Set(series.map((entry) => entry.window.id))];
  const [performance, estimates] = await Promise.all([listPerformance(db, ids), listEstimates(db, ids)]);
  return new Map(
    ids.map((id) => {
      const row = performance.get(id);
      const realised = row === undefined ? undefined : storedPerformance.parse(row.metrics).judgement?.comparisons;
      const estimate = estimates.get(id);
      const expected = estimate === undefined ? undefined : storedEstimate.parse(estimate.estimate).comparisons;
      return [id, { realised: realised ?? [], expected: expected ?? [] }];
    }),
  );
}

function correlationOf(
  series: readonly ColumnInWindow[],
  performance: ReadonlyMap<number, Known>,
): MatteringColumn['correlation'] {
  const known = series.map(({ window }) => performance.get(window.id) ?? { realised: [], expected: [] });
  const metric = known
    .flatMap(({ realised, expected }) => [...realised, ...expected])
    .find(({ worsening }) => worsening !== null)?.metric;
  if (metric === undefined) return null;
  const of = (comparisons: Comparisons): number | null =>
    comparisons.find((one) => one.metric === metric)?.worsening ?? null;
  const pairs = series.flatMap(({ verdict }, i): DriftAndPerformance[] => {
    const drift = driftOf(verdict.effect, verdict.limit);
    const realised = of(known[i]?.realised ?? []);
    const worsening = realised ?? of(known[i]?.expected ?? []);
    return drift === null || worsening === null ? [] : [{ drift, worsening, estimated: realised === null }];
  });
  return correlateWithPerformance(pairs, metric);
}
