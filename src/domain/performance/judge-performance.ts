import type { PerformanceJudgement } from '../../../schemas/wire/performance.ts';
import { comparePerformance, type MetricComparison } from '../../stats/performance/compare-performance.ts';
import { rounded } from '../../stats/verdict/rounded.ts';
import type { MonitorConfig } from '../configuration/config.ts';
import { judgedMetrics, judgedWhen } from '../configuration/performance-config.ts';
import { metricTitle } from '../outcome/describe-metric.ts';
import type { Measured } from '../outcome/measure-outcomes.ts';

/** Whether a model does worse in a window than on its reference. Pure. */

export type PerformanceEvidence = {
  readonly measured: Measured;
  /** Null: the reference could not be measured. */
  readonly reference: Measured | null;
  readonly rows: number;
  readonly labelled: number;
  /** Of the window, and the moment of judging: milliseconds since 1970. */
  readonly end: number;
  readonly now: number;
};

/**
 * A window is judged when enough of it is labelled or its end is long enough ago; until then it waits. Each metric is
 * compared with the reference's own; the window is worse when one of them is.
 */
export function judgePerformance(evidence: PerformanceEvidence, config: MonitorConfig): PerformanceJudgement {
  const { measured, reference, rows, labelled, end, now } = evidence;
  const { coverage, afterSeconds } = judgedWhen(config.performance);
  const due = end + afterSeconds * 1000;
  const base = { waits_until: null, alpha: config.alpha, comparisons: [] };
  if (labelled < coverage * rows && now < due) {
    const until = new Date(due).toISOString();
    const why = `${labelled} of ${rows} predictions have a label; it is judged at ${percent(coverage)}, or at ${until} with what has come.`;
    return { ...base, verdict: 'waiting', why, waits_until: until };
  }
  if (labelled < config.minimum_rows) {
    const why = `${labelled} of ${rows} predictions have a label; at least ${config.minimum_rows} are needed.`;
    return { ...base, verdict: 'insufficient_data', why };
  }
  if (measured.reason !== null) return { ...base, verdict: 'not_comparable', why: sentence(measured.reason) };
  if (reference === null || reference.reason !== null) {
    const reason = reference?.reason ?? 'it could not be read';
    return { ...base, verdict: 'not_comparable', why: `The reference has no performance to compare with: ${reason}.` };
  }
  const judged = judgedMetrics(measured.task, config.performance, reference.metrics);
  const comparisons = comparePerformance(measured.metrics, reference.metrics, { judged, alpha: config.alpha });
  const { verdict, why } = conclusion(comparisons);
  return { ...base, comparisons, verdict, why: `${why}${describeForeign(measured)}` };
}

function describeForeign({ foreign_labels: foreign, task }: Measured): string {
  if (foreign === undefined || task !== 'binary') return '';
  const count = foreign.reduce((sum, label) => sum + label.count, 0);
  const named = foreign.slice(0, 3).map(({ label }) => JSON.stringify(label.slice(0, 40)));
  return ` Left out: ${count} labels that are none of the training data's (${named.join(', ')}).`;
}

/** One sentence on metrics that were compared. */
export const describeComparisons = (comparisons: readonly MetricComparison[]): string => conclusion(comparisons).why;

function conclusion(comparisons: readonly MetricComparison[]): Pick<PerformanceJudgement, 'verdict' | 'why'> {
  const worse = comparisons.filter(({ verdict }) => verdict === 'worse');
  if (worse.length > 0)
    return { verdict: 'worse', why: `Worse than the reference: ${worse.map(described).join('; ')}.` };
  const judged = comparisons.filter(({ verdict }) => verdict === 'no_worse');
  if (judged.length > 0) {
    return { verdict: 'no_worse', why: `No worse than the reference: ${judged.map(described).join('; ')}.` };
  }
  const [first] = comparisons;
  return { verdict: 'not_comparable', why: sentence(first?.reason ?? 'no metric of this task is judged') };
}

function described({ metric, value, reference, limit }: MetricComparison): string {
  return `${metricTitle(metric)} ${rounded(value)} where the reference has ${rounded(reference)} (limit ${rounded(limit)})`;
}
const percent = (share: number): string => `${rounded(share * 100)} %`;
const sentence = (reason: string): string => `${reason.slice(0, 1).toUpperCase()}${reason.slice(1)}.`;
