/**
 * P(D >= h / n) for two samples of the same size `n`: the share of lattice paths that touch a line x - y = ±h,
 * by reflection (Gnedenko and Korolyuk 1951), 2 [C(2n, n-h) - C(2n, n-2h) + …] / C(2n, n), nested so that each
 * step multiplies ratios near one and nothing overflows. Cost O(n).
 */
export function squareTail(n: number, h: number): number {
  let p = 0;
  for (let k = Math.floor(n / h); k >= 0; k--) {
    let ratio = 1;
    const kh = k * h;
    for (let j = 0; j < h; j++) ratio = ((n - kh - j) * ratio) / (n + kh + j + 1);
    p = ratio * (1 - p);
  }
  return 2 * p;
}

type Lattice = { readonly n: number; readonly m: number; readonly g: number; readonly h: number };

/**
 * P(D >= h / lcm(n, m)): the share of lattice paths from (0, 0) to (n, m) that leave the band
 * |x / n - y / m| < h / lcm. Hodges' inside method (1958), with Viehmann's recursion (arXiv 2102.08037) on the
 * probability of having left, which keeps small p-values accurate: with u(x, y) that probability for a random
 * path to (x, y), u(x, y) = [x u(x-1, y) + y u(x, y-1)] / (x + y), and u = 1 outside. One column of the band is
 * kept; above it the ones of the beginning stand. Cost O(max(n, m) · band).
 */
export function insideTail(lattice: Lattice): number {
  const { g, h } = lattice;
  const long = Math.max(lattice.n, lattice.m);
  const short = Math.min(lattice.n, lattice.m);
  const longStep = long / g;
  const shortStep = short / g;
  let from = 0;
  let to = Math.min(Math.ceil(h / longStep), short + 1);
  const column = new Float64Array(short + 2).fill(1);
  column.fill(0, from, to);
  for (let x = 1; x <= long; x++) {
    from = Math.min(Math.max(Math.floor((shortStep * x - h) / longStep) + 1, 0), short);
    to = Math.min(Math.ceil((shortStep * x + h) / longStep), short + 1);
    if (to <= from) return 1;
    // Where nothing lies to the left, at y = 0, it counts for nothing.
    let left = 1;
    for (let y = from; y < to; y++) {
      left = (column[y]! * x + left * y) / (x + y);
      column[y] = left;
    }
  }
  return column[short]!;
}

/**
 * P(D+ >= h / n) for two samples of the same size: paths that touch one line, C(2n, n-h) / C(2n, n). Cost O(h).
 */
export function oneSidedSquareTail(n: number, h: number): number {
  let p = 1;
  for (let j = 0; j < h; j++) p *= (n - j) / (n + j + 1);
  return p;
}

/** The same as `insideTail` with one line alone: P(D+ >= h / lcm(n, m)), which is P(D- >= …) too. Cost O(n m). */
export function oneSidedTail(lattice: Lattice): number {
  const { g, h } = lattice;
  const long = Math.max(lattice.n, lattice.m);
  const short = Math.min(lattice.n, lattice.m);
  const column = new Float64Array(short + 1);
  for (let x = 1; x <= long; x++) {
    const from = Math.max(Math.floor(((short / g) * x - h) / (long / g)) + 1, 0);
    let left = 1;
    for (let y = from; y <= short; y++) {
      left = (column[y]! * x + left * y) / (x + y);
      column[y] = left;
    }
  }
  return column[short]!;
}
