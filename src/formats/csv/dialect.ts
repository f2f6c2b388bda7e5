/** How a text table is written: found out from its first rows, once, by counting. */
import type { CsvOptions } from '../table.ts';
import type { NumberMarks } from '../text/number-marks.ts';
import { numberMarks } from './cell-writing.ts';

export type Dialect = {
  readonly delimiter: number;
  /** Every field after a delimiter begins with a blank that is no part of it (`39, State-gov, 77516`). */
  readonly skipBlank: boolean;
  /** How numbers are written; null for a point before decimals and nothing between thousands. */
  readonly marks: NumberMarks | null;
};

const COMMA = 44;
const CANDIDATES = [COMMA, 59, 9, 124];
const MAX_LINES = 200;

/**
 * The delimiter among `,` `;` tab `|` that splits the most sample lines into the same number of fields (more
 * fields win a tie, then the order above); no delimiter at all means one column. One that the first line does not have
 * has to split most of the others alike: then that line is a title, else the lines are prose. Quoted text does not count,
 * and a comma that stands before decimals only where nothing else splits the lines, and it all of them alike.
 *
 * @param head plain bytes from the file's beginning, without byte order mark
 * @throws TidemarkError `bad-request` for one sign before decimals and between thousands.
 */
export function sniffDialect(head: Uint8Array, options: CsvOptions = {}): Dialect {
  const given = options.delimiter?.charCodeAt(0);
  const marks = numberMarks(options);
  const delimiter = given ?? (marks?.decimal === COMMA ? besideCommas(head) : bestDelimiter(head, CANDIDATES));
  return { delimiter, skipBlank: delimiter !== 9 && blankFollows(head, delimiter), marks };
}

const SEPARATOR = /^(?:sep=([,;\t|])|"sep=([,;\t|])")\r?\n/i;
/** The longest such line. */
const SEPARATOR_BYTES = 9;

/** The line by which a table tells Excel what delimits its fields, `sep=;`, and its bytes; none of both where there is none. */
export function separatorLine(head: Uint8Array): {
  readonly length: number;
  readonly delimiter?: CsvOptions['delimiter'];
} {
  const found = SEPARATOR.exec(Buffer.from(head.subarray(0, SEPARATOR_BYTES)).toString('latin1'));
  if (found === null) return { length: 0 };
  // One of those that the pattern names.
  return { length: found[0].length, delimiter: (found[1] ?? found[2]) as NonNullable<CsvOptions['delimiter']> };
}

/** The delimiter of a table whose decimals have commas. */
function besideCommas(head: Uint8Array): number {
  const others = CANDIDATES.filter((candidate) => candidate !== COMMA);
  const other = bestDelimiter(head, others);
  if (fieldCounts(head, other).some((fields) => fields > 1)) return other;
  const [first = 1, ...more] = fieldCounts(head, COMMA);
  return first > 1 && more.every((fields) => fields === first) ? COMMA : other;
}

function bestDelimiter(head: Uint8Array, candidates: readonly number[]): number {
  let best = candidates[0]!;
  let bestScore = 0;
  for (const delimiter of candidates) {
    const counts = fieldCounts(head, delimiter);
    const tally = new Map<number, number>();
    for (const count of counts) tally.set(count, (tally.get(count) ?? 0) + 1);
    const enough = counts[0] === 1 ? (counts.length - 1) / 2 : 0;
    for (const [fields, lines] of tally) {
      if (fields < 2 || lines <= enough) continue;
      const score = lines / counts.length + Math.min(fields, 999) / 1e5;
      if (score > bestScore) {
        bestScore = score;
        best = delimiter;
      }
    }
  }
  return best;
}

/** Fields of the first line. */
export function countFields(head: Uint8Array, delimiter: number): number {
  return fieldCounts(head, delimiter, 1)[0] ?? 0;
}

function fieldCounts(head: Uint8Array, delimiter: number, lines = MAX_LINES): number[] {
  const counts: number[] = [];
  let fields = 1;
  let inQuotes = false;
  let empty = true;
  for (let i = 0; i < head.length && counts.length < lines; i++) {
    const b = head[i]!;
    if (b === 34) inQuotes = !inQuotes;
    if (inQuotes) {
      empty = false;
    } else if (b === 10 || b === 13) {
      if (!empty) counts.push(fields);
      fields = 1;
      empty = true;
    } else {
      empty = false;
      if (b === delimiter) fields++;
    }
  }
  if (!empty && counts.length === 0) counts.push(fields);
  return counts;
}

function blankFollows(head: Uint8Array, delimiter: number): boolean {
  let seen = 0;
  let inQuotes = false;
  for (let i = 0; i + 1 < head.length; i++) {
    if (head[i] === 34) inQuotes = !inQuotes;
    if (inQuotes || head[i] !== delimiter) continue;
    if (head[i + 1] !== 32) return false;
    seen++;
  }
  return seen > 0;
}
