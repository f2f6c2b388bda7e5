import { countFields } from './dialect.ts';

/** Comments further down are rows like any other. */
const LOOKED_AT = 65_536;
const HASH = 35;
const LINE_END = 10;
const BLANK = 32;

export type Comments = {
  /** Bytes before the first row, from the beginning of the text. */
  readonly length: number;
  readonly lines: number;
};

/**
 * The lines above a table that begin with `#`, as instruments and exports write them. The last of them is the header
 * instead where the row below it has as many fields, unless it begins as prose does, with a blank, above what may be
 * names: there is no number among them. Where every line begins with `#` none is a comment.
 */
export function commentsOf(text: Uint8Array, delimiter: number): Comments {
  const starts: number[] = [];
  let at = 0;
  while (text[at] === HASH) {
    starts.push(at);
    const end = text.indexOf(LINE_END, at);
    if (end < 0 || end > LOOKED_AT) return { length: 0, lines: 0 };
    at = end + 1;
  }
  const last = starts[starts.length - 1];
  if (last === undefined || at >= text.length) return { length: 0, lines: 0 };
  const [above, below] = [text.subarray(last), text.subarray(at)];
  const isName = above[1] !== BLANK || hasNumber(below, delimiter);
  const isHeader = isName && countFields(above, delimiter) === countFields(below, delimiter);
  return isHeader ? { length: last, lines: starts.length - 1 } : { length: at, lines: starts.length };
}

/** In the first line. */
function hasNumber(text: Uint8Array, delimiter: number): boolean {
  const end = text.indexOf(LINE_END);
  const line = Buffer.from(text.subarray(0, end < 0 ? LOOKED_AT : end)).toString('latin1');
  const cells = line.split(String.fromCharCode(delimiter)).map((cell) => cell.trim());
  return cells.some((cell) => cell !== '' && Number.isFinite(Number(cell)));
}

/** The text without its lines of comments, as far as they can be told before the delimiter is known. */
export function withoutComments(text: Uint8Array): Uint8Array {
  let at = 0;
  while (text[at] === HASH) {
    const end = text.indexOf(LINE_END, at);
    if (end < 0 || end > LOOKED_AT) return text;
    at = end + 1;
  }
  return at < text.length ? text.subarray(at) : text;
}
