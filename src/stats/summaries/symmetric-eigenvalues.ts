/** A symmetric tridiagonal matrix: its diagonal, and the square of what is beside each and the next, 0 for the last. */
type Tridiagonal = { readonly diagonal: Float64Array; readonly squares: Float64Array };

/** Of the largest eigenvalue's size, to which each is found. */
const PRECISION = 1e-15;

/**
 * The eigenvalues alone of a symmetric row-major d x d matrix, largest first: Householder's reduction to a tridiagonal matrix, of
 * which so many are below a number as pivots of the difference are negative (Sturm), and bisection. To some 1e-15 of the
 * largest, of entries whose squares are doubles. Cost O(d³), a tenth of what `symmetricEigen` takes for the vectors as well.
 */
export function symmetricEigenvalues(matrix: ArrayLike<number>, d: number): Float64Array {
  const reduced = tridiagonal(
    Float64Array.from({ length: d * d }, (_, i) => matrix[i]!),
    d,
  );
  const bound = radius(reduced);
  // Between neighbours among the least doubles there is none.
  const precision = Math.max(PRECISION * bound, Number.MIN_VALUE);
  const found = new Float64Array(d);
  let high = bound;
  for (let k = 0; k < d; k++) {
    let low = -bound;
    // So many are below it as there are smaller ones than the one that is looked for.
    while (high - low > precision) {
      const middle = low + (high - low) / 2;
      if (below(reduced, middle) >= d - k) high = middle;
      else low = middle;
    }
    found[k] = low + (high - low) / 2;
  }
  return found;
}

/** Householder's reflections, from the first column on; the matrix is used up. */
function tridiagonal(a: Float64Array, d: number): Tridiagonal {
  const squares = new Float64Array(d);
  for (let k = 0; k + 1 < d; k++) {
    let tail = 0;
    for (let i = k + 2; i < d; i++) tail += a[i * d + k]! ** 2;
    const head = a[(k + 1) * d + k]!;
    squares[k] = head * head + tail;
    if (tail > 0) reflect(a, d, k, head >= 0 ? -Math.sqrt(squares[k]!) : Math.sqrt(squares[k]!));
  }
  return { diagonal: Float64Array.from({ length: d }, (_, i) => a[i * d + i]!), squares };
}

/** Makes column k below its second entry 0: A - v wᵀ - w vᵀ of the rows and columns after k. */
function reflect(a: Float64Array, d: number, k: number, head: number): void {
  const from = k + 1;
  const v = new Float64Array(d);
  for (let i = from; i < d; i++) v[i] = a[i * d + k]!;
  v[from]! -= head;
  let norm = 0;
  for (let i = from; i < d; i++) norm += v[i]! ** 2;
  const w = new Float64Array(d);
  let along = 0;
  for (let i = from; i < d; i++) {
    let sum = 0;
    for (let j = from; j < d; j++) sum += a[i * d + j]! * v[j]!;
    w[i] = (2 * sum) / norm;
    along += w[i]! * v[i]!;
  }
  for (let i = from; i < d; i++) w[i]! -= (along / norm) * v[i]!;
  for (let i = from; i < d; i++) for (let j = from; j < d; j++) a[i * d + j]! -= v[i]! * w[j]! + w[i]! * v[j]!;
}

/** What no eigenvalue is larger than, by size (Gershgorin). */
function radius({ diagonal, squares }: Tridiagonal): number {
  let bound = 0;
  for (let i = 0; i < diagonal.length; i++) {
    const beside = Math.sqrt(squares[i - 1] ?? 0) + Math.sqrt(squares[i]!);
    bound = Math.max(bound, Math.abs(diagonal[i]!) + beside);
  }
  return bound;
}

/** How many eigenvalues are below x. */
function below({ diagonal, squares }: Tridiagonal, x: number): number {
  let count = 0;
  let pivot = 1;
  for (let i = 0; i < diagonal.length; i++) {
    pivot = diagonal[i]! - x - (i > 0 ? squares[i - 1]! / pivot : 0);
    // One that is 0 would be divided by.
    if (pivot === 0) pivot = -Number.MIN_VALUE;
    if (pivot < 0) count++;
  }
  return count;
}
