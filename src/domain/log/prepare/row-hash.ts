import { hash } from 'node:crypto';
import type {
  CategoryColumn,
  Column,
  ColumnBatch,
  Field,
  NumberColumn,
  TimeColumn,
  VectorColumn,
} from '../../../stats/column.ts';
import { isValid } from '../../../stats/column.ts';
import { vectorText } from '../../../stats/vector-text.ts';

/**
 * 64 bits for each row, over its values and nothing else: two rows with the same values agree whatever the
 * order of their columns, the columns that are empty in them, and the other rows of their batches, whose values
 * decide the types of the columns: 1, 1.0 and "1" are one value, and so are true and "true". It tells an equal
 * repeat from a different one; it proves nothing against somebody who wants two rows to collide.
 */
export function contentHashes(fields: readonly Field[], batch: ColumnBatch): BigInt64Array<ArrayBuffer> {
  const lanes: Lanes = { high: new Int32Array(batch.rows), low: new Int32Array(batch.rows) };
  batch.columns.forEach((column, i) => {
    const name = fields[i]?.name ?? '';
    // The id is what repeats; what differs is the rest.
    if (name !== 'prediction_id') addColumn(lanes, column, seedOf(name));
  });
  const hashes = new BigInt64Array(batch.rows);
  const words = new Int32Array(hashes.buffer);
  for (let row = 0; row < batch.rows; row++) {
    words[2 * row] = avalanche(lanes.low[row] ?? 0);
    words[2 * row + 1] = avalanche(lanes.high[row] ?? 0);
  }
  return hashes;
}

/** MD5 of a prediction id, in hex: the form in which ids are indexed. */
export const idHash = (id: string): string => hash('md5', id, 'hex');

type Lanes = { readonly high: Int32Array; readonly low: Int32Array };
type Words = readonly [number, number, number, number];

/** Sums over the columns do not depend on their order; each column's values are mixed with its name first. */
function addColumn(lanes: Lanes, column: Column, seed: Words): void {
  if (column.kind === 'category') addTexts(lanes, column, seed);
  else if (column.kind === 'vector') addVectors(lanes, column, seed);
  else if (column.kind === 'number' && column.exact !== null) addExact(lanes, column, column.exact, seed);
  else addNumbers(lanes, column, seed);
}

/** As its text, which it is where other rows of the batch hold something else. */
function addVectors(lanes: Lanes, column: VectorColumn, seed: Words): void {
  for (let row = 0; row < column.length; row++) {
    if (!isValid(column.valid, row)) continue;
    const [high, low] = textLanes(vectorText(column, row), seed);
    addTo(lanes.high, row, high);
    addTo(lanes.low, row, low);
  }
}

function addNumbers(lanes: Lanes, column: NumberColumn | TimeColumn, seed: Words): void {
  const { values, valid } = column;
  const cell = new Float64Array(1);
  const half = new Int32Array(cell.buffer);
  for (let row = 0; row < column.length; row++) {
    if (!isValid(valid, row)) continue;
    // Zero has two forms that compare equal, and NaN has many.
    const value = values[row] ?? 0;
    cell[0] = Number.isNaN(value) ? Number.NaN : value + 0;
    add(lanes, row, [half[0] ?? 0, half[1] ?? 0], seed);
  }
}

function addExact(lanes: Lanes, column: NumberColumn, exact: BigInt64Array, seed: Words): void {
  const cell = new Float64Array(1);
  const half = new Int32Array(cell.buffer);
  for (let row = 0; row < column.length; row++) {
    if (!isValid(column.valid, row)) continue;
    const value = exact[row] ?? 0n;
    cell[0] = Number(value);
    add(lanes, row, [half[0] ?? 0, half[1] ?? 0], seed);
    const rest = lostBits(value, cell[0]);
    if (rest !== 0) add(lanes, row, [rest, 1], seed);
  }
}

/**
 * Integers beyond 2^53 differ where their doubles do not: 0, or what tells this one from its double. An integer
 * that is spelt like the double is the double, which a sender of doubles wrote with the fewest digits. (Any other
 * is rounded on the way in where its column holds fractions too, and hashes as what it was rounded to.)
 */
function lostBits(value: bigint, double: number): number {
  const rest = value - BigInt(double);
  return rest === 0n || String(double) === String(value) ? 0 : Number(BigInt.asIntN(32, rest));
}

/**
 * A text that spells a number hashes as the number: beside texts, a number is kept as the text it was sent as,
 * and must not differ from the same one among numbers.
 */
function addTexts(lanes: Lanes, column: CategoryColumn, seed: Words): void {
  // Lanes of each dictionary entry, made when a row first uses it: a dictionary may hold more than its batch uses.
  const made: ([number, number] | undefined)[] = [];
  for (let row = 0; row < column.length; row++) {
    const code = column.codes[row] ?? -1;
    if (code < 0) continue;
    let pair = made[code];
    if (pair === undefined) {
      pair = textLanes(column.dictionary[code] ?? '', seed);
      made[code] = pair;
    }
    addTo(lanes.high, row, pair[0]);
    addTo(lanes.low, row, pair[1]);
  }
}

/** As numbers that JSON cannot say are spelt among texts. */
const NOT_FINITE: ReadonlySet<string> = new Set(['NaN', 'Infinity', '-Infinity']);

/** As JSON spells numbers, so that codes like `007` and `+1` remain texts. */
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

function textLanes(text: string, seed: Words): [number, number] {
  if (NOT_FINITE.has(text)) return numberLanes(Number(text), seed);
  const spelt = JSON_NUMBER.exec(text);
  const value = spelt === null ? Number.NaN : Number(text) + 0;
  if (spelt === null || !Number.isFinite(value)) {
    const words = wordsOf(text);
    return [mix(words[0], words[1], seed[0], seed[1]), mix(words[2], words[3], seed[2], seed[3])];
  }
  const whole = spelt[1] === undefined && spelt[2] === undefined;
  const rest = whole && !Number.isSafeInteger(value) ? lostBits(BigInt(text), value) : 0;
  return numberLanes(value, seed, rest);
}

function numberLanes(value: number, seed: Words, rest = 0): [number, number] {
  const single: Lanes = { high: new Int32Array(1), low: new Int32Array(1) };
  const [a = 0, b = 0] = new Int32Array(Float64Array.of(value).buffer);
  add(single, 0, [a, b], seed);
  if (rest !== 0) add(single, 0, [rest, 1], seed);
  return [single.high[0] ?? 0, single.low[0] ?? 0];
}

function add(lanes: Lanes, row: number, [a, b]: readonly [number, number], seed: Words): void {
  addTo(lanes.high, row, mix(a, b, seed[0], seed[1]));
  addTo(lanes.low, row, mix(a, b, seed[2], seed[3]));
}

function addTo(lane: Int32Array, row: number, value: number): void {
  lane[row] = ((lane[row] ?? 0) + value) | 0;
}

/** Two rounds of the MurmurHash3 finalizer, keyed by the column. */
function mix(a: number, b: number, s: number, t: number): number {
  return avalanche(avalanche(a ^ s) + Math.imul(b ^ t, 0x9e3779b1));
}

/** The 32-bit finalizer of MurmurHash3 (Appleby). */
function avalanche(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

const seedOf = (name: string): Words => wordsOf(`column ${name}`);

function wordsOf(text: string): Words {
  const digest = hash('md5', text, 'buffer');
  return [digest.readInt32LE(0), digest.readInt32LE(4), digest.readInt32LE(8), digest.readInt32LE(12)];
}
