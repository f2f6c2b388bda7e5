import type { ComparedPart, Comparison } from '../../../schemas/wire/comparison.ts';
import type { PolicyConfig } from '../../../schemas/wire/policies.ts';

/** The metrics of which less is better. */
const LESS: ReadonlySet<string> = new Set(['rmse', 'mae', 'log_loss', 'brier', 'mean_error']);

/** The metric that says most of a kind of model. */
const leadingMetric = (task: string): string =>
  task === 'binary' ? 'roc_auc' : task === 'regression' ? 'rmse' : 'accuracy';

export type Judged = Pick<Comparison, 'metric' | 'gain' | 'better' | 'why'>;

/**
 * Whether the challenger may take the champion's place: it has to gain on the whole, and to lose nowhere more than the
 * rule allows. Pure.
 */
export function judgeComparison(
  parts: readonly ComparedPart[],
  rule: PolicyConfig['comparison'],
  task: string,
): Judged {
  const metric = rule.metric ?? leadingMetric(task);
  const whole = parts.find(({ kind }) => kind === 'all');
  const gain = whole === undefined ? null : gainOf(whole, metric);
  if (gain === null) {
    const why = `"${metric}" cannot be had of both models on the same rows`;
    return { metric, gain, better: false, why };
  }
  const said = `${metric} ${shown(gain)} on ${whole?.rows} rows`;
  if (gain < rule.minimum_gain) {
    return { metric, gain, better: false, why: `${said}, less than the ${rule.minimum_gain} that is asked for` };
  }
  const losses = parts
    .filter(({ kind }) => kind === 'segment')
    .map((part) => ({ part, loss: -(gainOf(part, metric) ?? 0) }))
    .toSorted((a, b) => b.loss - a.loss);
  const [worst] = losses;
  if (worst !== undefined && worst.loss > rule.tolerance) {
    const where = `${worst.part.name} = "${worst.part.value}"`;
    const why = `${said}, but ${shown(-worst.loss)} where ${where}, more than the ${rule.tolerance} that is allowed`;
    return { metric, gain, better: false, why };
  }
  return { metric, gain, better: true, why: said };
}

function gainOf({ champion, challenger }: ComparedPart, metric: string): number | null {
  const [before, after] = [champion[metric]?.value ?? null, challenger[metric]?.value ?? null];
  if (before === null || after === null) return null;
  return LESS.has(metric) ? before - after : after - before;
}

const shown = (gain: number): string => `${gain >= 0 ? '+' : ''}${Number(gain.toPrecision(3))}`;
