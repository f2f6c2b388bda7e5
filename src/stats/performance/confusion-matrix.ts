/** Counts of pairs of label and predicted class: `counts[label * classes + predicted]`. */
export type ConfusionCounts = { readonly classes: number; readonly n: number; readonly counts: Float64Array };

/**
 * Counts how labels and predictions, codes from 0 to `classes` - 1, fall together. Rows where either is another
 * number (-1 or NaN: there is none) are left out. Cost O(n).
 */
export function confusionCounts(
  labels: ArrayLike<number>,
  predictions: ArrayLike<number>,
  classes: number,
): ConfusionCounts {
  const counts = new Float64Array(classes * classes);
  let n = 0;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    const predicted = predictions[i]!;
    if (!(label >= 0 && predicted >= 0)) continue;
    counts[label * classes + predicted]!++;
    n++;
  }
  return { classes, n, counts };
}
