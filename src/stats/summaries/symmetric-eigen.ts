/** Eigenvalues, largest first, and their vectors as columns of a row-major d x d matrix. */
export type SymmetricEigen = { readonly values: number[]; readonly vectors: Float64Array };

/**
 * Eigen-decomposition of a symmetric row-major d x d matrix by cyclic Jacobi rotations: to the last digits, also of
 * small eigenvalues. Cost O(d³) a sweep, some 6-10 sweeps; for d up to a few hundred.
 */
export function symmetricEigen(matrix: ArrayLike<number>, d: number): SymmetricEigen {
  const a = Float64Array.from({ length: d * d }, (_, i) => matrix[i]!);
  const v = new Float64Array(d * d);
  for (let i = 0; i < d; i++) v[i * d + i] = 1;
  for (let sweep = 0; sweep < 60; sweep++) {
    let rotated = false;
    for (let p = 0; p < d; p++) for (let q = p + 1; q < d; q++) rotated = rotate({ a, v, d }, p, q) || rotated;
    if (!rotated) break;
  }
  const order = Array.from({ length: d }, (_, i) => i).sort((i, j) => a[j * d + j]! - a[i * d + i]!);
  const vectors = new Float64Array(d * d);
  for (const [to, from] of order.entries()) {
    for (let i = 0; i < d; i++) vectors[i * d + to] = v[i * d + from]!;
  }
  return { values: order.map((i) => a[i * d + i]!), vectors };
}

type State = { readonly a: Float64Array; readonly v: Float64Array; readonly d: number };

/** One rotation that makes a[p][q] zero; false where it already is, to working precision. */
function rotate({ a, v, d }: State, p: number, q: number): boolean {
  const apq = a[p * d + q]!;
  const [app, aqq] = [a[p * d + p]!, a[q * d + q]!];
  if (Math.abs(apq) <= 1e-17 * Math.sqrt(Math.abs(app * aqq))) {
    a[p * d + q] = 0;
    a[q * d + p] = 0;
    return false;
  }
  const theta = (aqq - app) / (2 * apq);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < d; k++) {
    const [akp, akq] = [a[k * d + p]!, a[k * d + q]!];
    a[k * d + p] = c * akp - s * akq;
    a[k * d + q] = s * akp + c * akq;
  }
  for (let k = 0; k < d; k++) {
    const [apk, aqk] = [a[p * d + k]!, a[q * d + k]!];
    a[p * d + k] = c * apk - s * aqk;
    a[q * d + k] = s * apk + c * aqk;
    const [vkp, vkq] = [v[k * d + p]!, v[k * d + q]!];
    v[k * d + p] = c * vkp - s * vkq;
    v[k * d + q] = s * vkp + c * vkq;
  }
  return true;
}
