import { type Metric, noMetric, normalMetric } from './metric.ts';
import { rankedAuc, rootSumOfSquares } from './roc-auc.ts';

const METHOD = 'roc_auc_ovr/macro/delong@1';

/**
 * The mean over the classes of the area under the ROC curve of "this class" against all others by its own score
 * (Provost and Domingos 2000, unweighted). Classes that no label, or every label, names have no curve and are left
 * out. The interval is DeLong's for a mean of dependent areas: each row's parts are averaged before they are squared.
 * `labels` are codes of classes, `scores[class]` is finite in each row. Cost O(classes · n log n).
 */
export function oneVersusRestAuc(labels: Int32Array, scores: readonly Float64Array[]): Metric {
  const n = labels.length;
  const parts = new Float64Array(n);
  let sum = 0;
  let curves = 0;
  for (const [code, ofClass] of scores.entries()) {
    const ranked = rankedAuc(
      Uint8Array.from(labels, (label) => Number(label === code)),
      ofClass,
    );
    if (ranked === null) continue;
    sum += ranked.auc;
    curves++;
    for (let i = 0; i < n; i++) parts[i]! += ranked.parts[i]!;
  }
  if (curves === 0) return noMetric(METHOD, n, 'the labels have one class only');
  const error = rootSumOfSquares(parts) / curves;
  return normalMetric(METHOD, n, { value: sum / curves, error, least: 0, most: 1 });
}
