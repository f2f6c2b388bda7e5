/** The twin of `pooled-blocks.ts` of `stats` and of those who look at its blocks for a comparison. */

/** JavaScript's own, which is not that of every language to the last bit. */
// @ts-ignore: how AssemblyScript names what is imported; TypeScript knows no decorators of functions.
@external("env", "log")
declare function log(x: f64): f64;

const BLOCK: i32 = 1024;

/** A block, below `ROOM`, and the sums of all that look at blocks. */
const values: usize = 0x60000;
const difference: usize = 0x62000;
const upToX: usize = 0x64000;
const upToY: usize = 0x65000;
export const sums: usize = 0x66000;

/** Where the sums of each begin. */
export const DIFFERENCES: i32 = 0;
export const DISTRIBUTION: i32 = 32;
export const LOCATION: i32 = 80;
export const SPREAD: i32 = 120;
export const DISTANCE: i32 = 152;
const BELOW: i32 = 16;

/** What is asked for. */
const OF_DISTRIBUTIONS = 1;
const OF_SCORES = 2;
const OF_AREAS = 4;

let n: f64 = 0;
let m: f64 = 0;
let size: i32 = 0;
let scoresAt: usize = 0;
let scoresCount: i32 = 0;
let asked: i32 = 0;

/**
 * Goes through two sorted samples, neither of them empty. `scores`: where those of the lower half of the ranks are, and how
 * many; none where all are to be computed.
 */
export function walk(x: usize, rowsX: i32, y: usize, rowsY: i32, scores: usize, count: i32, wanted: i32): void {
  n = rowsX;
  m = rowsY;
  size = rowsX + rowsY;
  scoresAt = scores;
  scoresCount = count;
  asked = wanted;
  memory.fill(sums, 0, 256);
  store<f64>(sums + DIFFERENCES + 8, NaN);
  store<f64>(sums + BELOW + 8, NaN);
  const endX = x + (<usize>rowsX << 3), endY = y + (<usize>rowsY << 3);
  let i = x, j = y;
  let last = -1;
  let before: f64 = NaN;
  while (i < endX && j < endY) {
    let steps = BLOCK - 1 - last;
    const leftX = <i32>((endX - i) >> 3), leftY = <i32>((endY - j) >> 3);
    if (leftX < steps) steps = leftX;
    if (leftY < steps) steps = leftY;
    for (let step = 0; step < steps; step++) {
      const a = load<f64>(i), b = load<f64>(j);
      // An instruction of its own, where the smaller of two numbers would be a jump.
      const v = f64x2.extract_lane(f64x2.pmin(f64x2.splat(a), f64x2.splat(b)), 0);
      i += <usize>(a <= b) << 3;
      j += <usize>(b <= a) << 3;
      last += <i32>(v != before);
      const at = <usize>last << 2;
      store<f64>(values + (at << 1), v);
      store<u32>(upToX + at, <u32>((i - x) >> 3));
      store<u32>(upToY + at, <u32>((j - y) >> 3));
      before = v;
    }
    if (last == BLOCK - 1) last = handOut(last);
  }
  const inX = i < endX;
  const end = inX ? endX : endY;
  const upTo = inX ? upToX : upToY, other = inX ? upToY : upToX;
  const others = <u32>(inX ? (j - y) >> 3 : (i - x) >> 3);
  const first = inX ? x : y;
  for (let at = inX ? i : j; at < end; at += 8) {
    const v = load<f64>(at);
    if (v != before) {
      if (last == BLOCK - 1) last = handOut(last);
      last++;
    }
    const place = <usize>last << 2;
    store<f64>(values + (place << 1), v);
    store<u32>(upTo + place, <u32>((at + 8 - first) >> 3));
    store<u32>(other + place, others);
    before = v;
  }
  if (last >= 0) visit(last + 1);
}

function handOut(last: i32): i32 {
  visit(last);
  const at = <usize>last << 2;
  store<f64>(values, load<f64>(values + (at << 1)));
  store<u32>(upToX, load<u32>(upToX + at));
  store<u32>(upToY, load<u32>(upToY + at));
  return 0;
}

function visit(length: i32): void {
  const ns = f64x2.splat(n), ms = f64x2.splat(m);
  // One more at most, of which nothing is taken.
  for (let k = 0; k < length; k += 2) {
    const at = <usize>k << 2;
    const x = f64x2.convert_low_i32x4_u(v128.load64_zero(upToX + at));
    const y = f64x2.convert_low_i32x4_u(v128.load64_zero(upToY + at));
    v128.store(difference + (at << 1), f64x2.sub(f64x2.div(x, ns), f64x2.div(y, ms)));
  }
  if (asked & OF_DISTRIBUTIONS) {
    takeDifferences(length);
    takeDistribution(length);
  }
  if (asked & OF_SCORES) takeScores(length);
  if (asked & OF_AREAS) takeAreas(length);
}

function takeDifferences(length: i32): void {
  let above = load<f64>(sums + DIFFERENCES), below = load<f64>(sums + BELOW);
  let aboveAt = -1, belowAt = -1;
  for (let k = 0; k < length; k++) {
    const d = load<f64>(difference + (<usize>k << 3));
    if (d > above) {
      above = d;
      aboveAt = k;
    } else if (-d > below) {
      below = -d;
      belowAt = k;
    }
  }
  if (isNaN(load<f64>(sums + DIFFERENCES + 8))) store<f64>(sums + DIFFERENCES + 8, load<f64>(values));
  if (isNaN(load<f64>(sums + BELOW + 8))) store<f64>(sums + BELOW + 8, load<f64>(values));
  if (aboveAt >= 0) {
    store<f64>(sums + DIFFERENCES, above);
    store<f64>(sums + DIFFERENCES + 8, load<f64>(values + (<usize>aboveAt << 3)));
  }
  if (belowAt >= 0) {
    store<f64>(sums + BELOW, below);
    store<f64>(sums + BELOW + 8, load<f64>(values + (<usize>belowAt << 3)));
  }
}

function takeDistribution(length: i32): void {
  const state = sums + DISTRIBUTION;
  let sum = load<f64>(state), part = load<f64>(state + 24);
  let upTo = <i32>load<f64>(state + 8), rows = <i32>load<f64>(state + 16), most = <i32>load<f64>(state + 40);
  if (upTo == 0) store<f64>(state + 32, <f64>(load<u32>(upToX) + load<u32>(upToY)));
  for (let k = 0; k < length; k++) {
    const at = <usize>k << 2;
    const here = <i32>(load<u32>(upToX + at) + load<u32>(upToY + at));
    const d = load<f64>(difference + (at << 1));
    const next = here == size ? 0 : (d * d) / (<f64>here * <f64>(size - here));
    rows = here - upTo;
    sum += <f64>rows * (part + next);
    part = next;
    upTo = here;
    if (rows > most) most = rows;
  }
  store<f64>(state, sum);
  store<f64>(state + 8, <f64>upTo);
  store<f64>(state + 16, <f64>rows);
  store<f64>(state + 24, part);
  store<f64>(state + 40, <f64>most);
}

function takeScores(length: i32): void {
  const centre = (<f64>size + 1) / 2;
  const mean = (<f64>size * <f64>size - 1) / 12;
  let all: f64 = 0, squares: f64 = 0, second: f64 = 0, spreadSquares: f64 = 0, spreadSecond: f64 = 0;
  let upTo = <i32>load<f64>(sums + LOCATION + 24), upToSecond = <i32>load<f64>(sums + LOCATION + 32);
  for (let k = 0; k < length; k++) {
    const at = <usize>k << 2;
    const inSecond = load<i32>(upToY + at);
    const here = load<i32>(upToX + at) + inSecond;
    const rows = here - upTo;
    const half = <f64>upTo + <f64>(rows + 1) / 2;
    let score: f64;
    if (rows > 1 || scoresCount == 0) score = normalScore(half);
    else if (upTo < scoresCount) score = load<f64>(scoresAt + (<usize>upTo << 3));
    else score = -load<f64>(scoresAt + (<usize>(size - here) << 3));
    const inBoth = <f64>rows, inIt = <f64>(inSecond - upToSecond);
    all += inBoth * score;
    squares += inBoth * score * score;
    second += inIt * score;
    const middle = half - centre;
    const spread = middle * middle + (inBoth * inBoth - 1) / 12 - mean;
    spreadSquares += inBoth * spread * spread;
    spreadSecond += inIt * spread;
    upTo = here;
    upToSecond = inSecond;
  }
  add(LOCATION, all);
  add(LOCATION + 8, squares);
  add(LOCATION + 16, second);
  store<f64>(sums + LOCATION + 24, <f64>upTo);
  store<f64>(sums + LOCATION + 32, <f64>upToSecond);
  add(SPREAD, spreadSquares);
  add(SPREAD + 8, spreadSecond);
  store<f64>(sums + SPREAD + 16, <f64>upTo);
  store<f64>(sums + SPREAD + 24, <f64>upToSecond);
}

function add(at: usize, value: f64): void {
  store<f64>(sums + at, load<f64>(sums + at) + value);
}

function takeAreas(length: i32): void {
  const state = sums + DISTANCE;
  let sum = load<f64>(state), carry = load<f64>(state + 8), value = load<f64>(state + 16), before = load<f64>(state + 24);
  for (let k = 0; k < length; k++) {
    const at = <usize>k << 3;
    const v = load<f64>(values + at);
    const area = abs(before) * (v - value);
    const next = sum + area;
    carry += sum >= area ? sum - next + area : area - next + sum;
    sum = next;
    value = v;
    before = load<f64>(difference + at);
  }
  store<f64>(state, sum);
  store<f64>(state + 8, carry);
  store<f64>(state + 16, value);
  store<f64>(state + 24, before);
}

/** Writes the scores of the lower half of so many ranks. */
export function normalScores(at: usize, rows: i32): void {
  size = rows;
  for (let i = 0, half = (rows + 1) >> 1; i < half; i++) {
    store<f64>(at + (<usize>i << 3), normalQuantile(<f64>(i + 1) / <f64>(rows + 1)));
  }
}

function normalScore(rank: f64): f64 {
  const ranks = <f64>size + 1;
  const back = ranks - rank;
  return rank <= back ? normalQuantile(rank / ranks) : -normalQuantile(back / ranks);
}

const CENTRE = memory.data<f64>([
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
  33430.57558358813, 2509.0809287301227, 1, 42.31333070160091, 687.1870074920579, 5394.196021424751,
  21213.794301586597, 39307.89580009271, 28729.085735721943, 5226.495278852546,
]);
const SHOULDER = memory.data<f64>([
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
  0.2417807251774506, 0.022723844989269184, 0.0007745450142783414, 1, 2.053191626637759, 1.6763848301838038,
  0.6897673349851, 0.14810397642748008, 0.015198666563616457, 0.0005475938084995345, 1.0507500716444169e-9,
]);
const TAIL = memory.data<f64>([
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
  0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7, 1, 0.599832206555888, 0.1369298809227358,
  0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5, 1.421511758316446e-7, 2.0442631033899397e-15,
]);

function normalQuantile(p: f64): f64 {
  const q = p - 0.5;
  if (abs(q) <= 0.425) return q * rational(CENTRE, 0.180625 - q * q);
  const r = Math.sqrt(-log(q < 0 ? p : 1 - p));
  const result = r <= 5 ? rational(SHOULDER, r - 1.6) : rational(TAIL, r - 5);
  return q < 0 ? -result : result;
}

function rational(coefficients: usize, x: f64): f64 {
  let above: f64 = 0, below: f64 = 0;
  for (let at = coefficients + 56; at >= coefficients; at -= 8) {
    above = above * x + load<f64>(at);
    below = below * x + load<f64>(at + 64);
  }
  return above / below;
}
