import { storedEstimate, storedPerformance } from '../../schemas/wire/performance.ts';
import type { WindowDetail } from '../domain/monitor/read-windows.ts';

/** Reading what windows found, for pictures: nothing is computed here, only picked. */

type Metric = { readonly value: number | null; readonly low: number | null; readonly high: number | null };

/** One metric of a window; null where it was not, or could not be, measured. */
export function metricOf(detail: Pick<WindowDetail, 'performance'>, name: string): Metric | null {
  if (detail.performance === null) return null;
  return storedPerformance.parse(detail.performance.metrics).metrics[name] ?? null;
}

/** The metric that says most about this kind of model. */
export function leadingMetric(task: string): 'roc_auc' | 'accuracy' | 'rmse' | 'ndcg' {
  if (task === 'binary') return 'roc_auc';
  if (task === 'regression') return 'rmse';
  return task === 'ranking' ? 'ndcg' : 'accuracy';
}

/** One metric of a window as it was estimated without labels; null where it was not. */
export function estimateOf(detail: Pick<WindowDetail, 'estimate'>, name: string): Metric | null {
  if (detail.estimate === null) return null;
  return storedEstimate.parse(detail.estimate.estimate).metrics[name] ?? null;
}

/** How many columns of a window drifted; null where nothing was judged. */
export function driftedOf(detail: Pick<WindowDetail, 'window' | 'columns'>): number | null {
  if (detail.window.state !== 'judged' || detail.columns.length === 0) return null;
  return detail.columns.filter(({ verdict }) => verdict === 'drift').length;
}

/** Effect over limit, in size: 1 is where a change begins to matter. */
export function ratioOf(row: { readonly effect: number | null; readonly limit: number | null }): number | null {
  if (row.effect === null || row.limit === null) return null;
  return Math.abs(row.effect) / Math.max(row.limit, 1e-12);
}
