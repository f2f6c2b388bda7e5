import type { z } from 'zod';
import type { MonitorConfig } from '../../../schemas/wire/monitors.ts';
import type { performanceRequest } from '../../../schemas/wire/performance.ts';
import type { ErrorIssue } from '../../errors.ts';
import type { JudgedMetric } from '../../stats/performance/compare-performance.ts';
import type { Task } from '../model/find-task.ts';
import type { PerformanceQuestion } from '../outcome/measure-outcomes.ts';

export type PerformanceConfig = NonNullable<MonitorConfig['performance']>;
type Request = z.output<typeof performanceRequest>;

/** Share of a window's predictions that must have a label before its performance is judged ... */
const MINIMUM_COVERAGE = 0.9;
/** ... unless its end is this long ago: then it is judged by the labels that have come. */
const JUDGE_AFTER_SECONDS = 7 * 86_400;
/** The smallest worsening that matters: of a share, and of a loss as a share of the reference's. */
const SHARE_MINIMUM = 0.02;
const LOSS_MINIMUM = 0.05;

const better = (metric: 'higher' | 'lower', ...names: readonly string[]) =>
  names.map((name) => [name, metric] as const);

/** What can be judged, and which way is better. The first three of a task are judged when nothing is chosen. */
const METRICS: Readonly<Record<Exclude<Task, 'other'>, readonly (readonly [string, 'higher' | 'lower'])[]>> = {
  binary: [
    ...better('higher', 'roc_auc', 'f1', 'accuracy', 'precision', 'recall', 'specificity', 'pr_auc', 'gain', 'lift'),
    ...better('lower', 'log_loss', 'brier', 'calibration_error'),
    ...better('higher', 'business_value'),
  ],
  multiclass: [
    ...better('higher', 'f1_macro', 'accuracy', 'roc_auc_ovr', 'precision_macro', 'recall_macro', 'specificity_macro'),
    ...better('higher', 'precision_weighted', 'recall_weighted', 'f1_weighted', 'business_value'),
    ...better('lower', 'log_loss', 'brier', 'calibration_error'),
  ],
  regression: [
    ...better('lower', 'mae', 'rmse', 'mape', 'mse', 'msle', 'rmsle', 'quantile_loss'),
    ...better('higher', 'r2'),
  ],
  ranking: better('higher', 'ndcg', 'map', 'hit_rate'),
};

const STANDARD_METRICS = 3;

/** Metrics that are no shares between 0 and 1: a change of them is measured against the reference's value. */
const UNBOUNDED = new Set(['log_loss', 'brier', 'lift', 'business_value', ...METRICS.regression.map(([name]) => name)]);

/** The metrics of a task that are judged, and the worsening of each that matters. */
export function judgedMetrics(
  task: Task,
  config: PerformanceConfig | undefined,
  reference: Readonly<Record<string, { readonly value: number | null } | undefined>>,
): JudgedMetric[] {
  if (task === 'other') return [];
  const known = METRICS[task];
  const chosen = Object.keys(config?.worsening ?? {}).filter((name) => known.some(([metric]) => metric === name));
  const standard = known.slice(0, STANDARD_METRICS).map(([name]) => name);
  const valued = config?.business_value === undefined ? [] : ['business_value'];
  const names = chosen.length > 0 ? chosen : [...standard, ...valued];
  return known
    .filter(([name]) => names.includes(name))
    .map(([name, direction]) => {
      const relative = LOSS_MINIMUM * Math.abs(reference[name]?.value ?? 0);
      const minimum = config?.worsening?.[name] ?? (UNBOUNDED.has(name) ? relative : SHARE_MINIMUM);
      return { name, better: direction, minimum };
    });
}

/** What is asked of outcomes under a configuration. */
export function questionOf(
  model: { readonly task: Task; readonly positiveLabel: string | null },
  config: PerformanceConfig | undefined,
  labelsLike: PerformanceQuestion['labelsLike'] = null,
): PerformanceQuestion {
  return {
    task: model.task,
    positiveLabel: model.positiveLabel,
    businessValue: config?.business_value ?? null,
    quantile: config?.quantile ?? 0.5,
    labelsLike,
  };
}

/** When a window's performance is judged. */
export const judgedWhen = (config: PerformanceConfig | undefined) => ({
  coverage: config?.minimum_coverage ?? MINIMUM_COVERAGE,
  afterSeconds: config?.judge_after_seconds ?? JUDGE_AFTER_SECONDS,
});

const KNOWN = new Set(Object.values(METRICS).flatMap((metrics) => metrics.map(([name]) => name)));

export type Applying = {
  /** Seconds of a duration within bounds; what was before where it cannot be. */
  readonly seconds: (given: string | number, before: number, bounds: { pointer: string; least: number }) => number;
  /** What is wrong is added here. */
  readonly issues: ErrorIssue[];
};

/**
 * The configuration that a request asks for, on top of the one before; what it does not name stays, null stands for
 * the standard again. Members that were not chosen are absent.
 */
export function applyPerformance(
  base: PerformanceConfig | undefined,
  given: Request | undefined,
  { seconds, issues }: Applying,
): PerformanceConfig | undefined {
  if (given === undefined) return base;
  if (given === null) return undefined;
  for (const name of Object.keys(given.worsening ?? {})) {
    if (KNOWN.has(name)) continue;
    const pointer = `/performance/worsening/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    issues.push({ code: 'unknown-metric', pointer, detail: `is not judged; there are ${[...KNOWN].join(', ')}` });
  }
  const { judge_after, ...rest } = given;
  const named = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  if (judge_after === undefined) return { ...base, ...named };
  const bounds = { pointer: '/performance/judge_after', least: 0 };
  return { ...base, ...named, judge_after_seconds: seconds(judge_after, JUDGE_AFTER_SECONDS, bounds) };
}
