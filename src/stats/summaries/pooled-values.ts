/** The different values of two sorted samples together, and how often each side has them. */
export type PooledValues = {
  readonly values: Float64Array;
  readonly x: Uint32Array;
  readonly y: Uint32Array;
  /** Rows of each side. */
  readonly n: number;
  readonly m: number;
};

/** One merge over two sorted samples without NaN. Cost O(n + m), 16 bytes a different value. */
export function pooledValues(x: Float64Array, y: Float64Array): PooledValues {
  const [n, m] = [x.length, y.length];
  const values = new Float64Array(n + m);
  const xs = new Uint32Array(n + m);
  const ys = new Uint32Array(n + m);
  let i = 0;
  let j = 0;
  let k = 0;
  while (i < n || j < m) {
    const v = j >= m || (i < n && x[i]! <= y[j]!) ? x[i]! : y[j]!;
    const [i0, j0] = [i, j];
    while (i < n && x[i] === v) i++;
    while (j < m && y[j] === v) j++;
    values[k] = v;
    xs[k] = i - i0;
    ys[k++] = j - j0;
  }
  return { values: values.subarray(0, k), x: xs.subarray(0, k), y: ys.subarray(0, k), n, m };
}
