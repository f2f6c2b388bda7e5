/** A map from scores to probabilities: linear between the points, level beyond them. Both lists rise. */
export type Calibration = { readonly scores: Float64Array; readonly probabilities: Float64Array };

type Scored = { readonly scores: ArrayLike<number>; readonly labels: ArrayLike<number> };

/** Places of `scores` in rising order. */
function risingOrder(scores: ArrayLike<number>): Int32Array {
  return Int32Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
}

/**
 * Isotonic regression of labels (1 and 0) on finite scores by pooling adjacent violators (Ayer et al. 1955; Zadrozny and
 * Elkan 2002): the rising steps nearest to the labels in squares, equal scores pooled first. `order` has the rows used in
 * the order of their scores. Cost O(n).
 */
function fitInOrder({ scores, labels }: Scored, order: Int32Array): Calibration {
  // Blocks of pooled rows: their first and last score, rows and positives.
  const first: number[] = [];
  const last: number[] = [];
  const rows: number[] = [];
  const hits: number[] = [];
  for (let i = 0; i < order.length; ) {
    const score = scores[order[i]!]!;
    let [count, positives] = [0, 0];
    for (; i < order.length && scores[order[i]!] === score; i++) {
      count++;
      positives += labels[order[i]!]!;
    }
    let start = score;
    while (rows.length > 0 && hits.at(-1)! * count >= positives * rows.at(-1)!) {
      count += rows.pop()!;
      positives += hits.pop()!;
      start = first.pop()!;
      last.pop();
    }
    first.push(start);
    last.push(score);
    rows.push(count);
    hits.push(positives);
  }
  const points = rows.flatMap((count, b) => {
    const probability = hits[b]! / count;
    return first[b] === last[b]
      ? [[first[b]!, probability]]
      : [
          [first[b]!, probability],
          [last[b]!, probability],
        ];
  });
  return {
    scores: Float64Array.from(points, ([score]) => score!),
    probabilities: Float64Array.from(points, ([, probability]) => probability!),
  };
}

/** As `fitInOrder`, of all rows. Cost O(n log n). */
export function fitIsotonic(scored: Scored): Calibration {
  return fitInOrder(scored, risingOrder(scored.scores));
}

/** The probability that a calibration gives to a score. */
export function calibrate({ scores, probabilities }: Calibration, score: number): number {
  let [low, high] = [0, scores.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (scores[middle]! <= score) low = middle + 1;
    else high = middle;
  }
  if (low === 0) return probabilities[0] ?? score;
  if (low === scores.length) return probabilities[low - 1]!;
  const [x0, x1] = [scores[low - 1]!, scores[low]!];
  const [y0, y1] = [probabilities[low - 1]!, probabilities[low]!];
  return y0 + ((score - x0) / (x1 - x0)) * (y1 - y0);
}

const FOLDS = 10;
const BINS = 10;

/**
 * The calibration that scores need, or null where they are as good as they are. Each tenth of each class (every tenth
 * row along the scores) is calibrated by the other nine; scores need it when the calibration error of all rows, in ten
 * bins of equally many, falls by it. The rule would rather calibrate once too often: that costs no more than the
 * reference's own sampling error. Scores outside [0, 1] always need it. Cost O(n log n).
 */
export function neededCalibration(scored: Scored): Calibration | null {
  const { scores, labels } = scored;
  const order = risingOrder(scores);
  const [least, most] = [scores[order[0]!] ?? 0, scores[order.at(-1)!] ?? 1];
  if (least < 0 || most > 1) return fitInOrder(scored, order);
  const seen = [0, 0];
  const folds = new Uint8Array(scores.length);
  for (const row of order) folds[row] = seen[labels[row]!]!++ % FOLDS;
  // With one class there is nothing to learn from.
  if (Math.min(...seen) < FOLDS) return null;
  const calibrated = new Float64Array(scores.length);
  for (let fold = 0; fold < FOLDS; fold++) {
    const fitted = fitInOrder(
      scored,
      order.filter((row) => folds[row] !== fold),
    );
    for (const row of order) if (folds[row] === fold) calibrated[row] = calibrate(fitted, scores[row]!);
  }
  const before = equalCountError(scored, order);
  const after = equalCountError({ scores: calibrated, labels }, risingOrder(calibrated));
  return before > after ? fitInOrder(scored, order) : null;
}

/** Σ over ten bins of equally many rows, in the order of the score, of |Σ (score - label)| / n. */
function equalCountError({ scores, labels }: Scored, order: Int32Array): number {
  const width = order.length / BINS;
  let error = 0;
  for (let b = 0; b < BINS; b++) {
    let gap = 0;
    for (const row of order.subarray(Math.floor(b * width), Math.floor((b + 1) * width))) {
      gap += scores[row]! - labels[row]!;
    }
    error += Math.abs(gap) / order.length;
  }
  return error;
}
