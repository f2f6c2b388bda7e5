/**
 * `{"columns": {"prediction_id": […], "features": {"age": […]}, …}}` → cells. The lists are read side by side, a
 * row at a time: each has a cursor of its own, and nothing is held but the cursors.
 */
import { isUtf8 } from 'node:buffer';
import { TidemarkError } from '../../errors.ts';
import { CELL, type CellTable } from '../json/cells.ts';
import { type RecordProblem, unescaped } from '../json/record.ts';
import {
  balancedEnd,
  escapeProblem,
  literalEnd,
  numberCell,
  numberEnd,
  numberListEnd,
  PLAIN,
  skipSpace,
  stringEnd,
} from '../json/scan.ts';
import { shown, tooLarge } from '../unreadable.ts';
import type { CellRows, TakeRow } from './cells.ts';
import type { PredictionFields } from './fields.ts';
import { GROUPS, recordPath } from './names.ts';

/** True when the JSON body is an object that begins with the key "columns". */
export function isColumnBody(buf: Buffer, end: number): boolean {
  const open = skipSpace(buf, 0, end);
  const p = skipSpace(buf, open + 1, end);
  return buf[open] === 123 && buf.toString('latin1', p, Math.min(end, p + 9)) === '"columns"';
}

type List = { readonly name: string; readonly slot: number /** The next value, or the closing bracket. */; p: number };

export class PredictionLists implements CellRows {
  readonly buf: Buffer;
  private readonly end: number;
  private readonly fields: PredictionFields;
  private readonly maxBytes: number;
  private readonly allUtf8: boolean;
  private readonly lists: List[] = [];

  /** Finds the lists. `buf[end]` must be a line end. Throws `invalid-body` when the object is not as it should be. */
  constructor(buf: Buffer, end: number, given: { readonly fields: PredictionFields; readonly maxValueBytes: number }) {
    this.buf = buf;
    this.end = end;
    this.fields = given.fields;
    this.maxBytes = given.maxValueBytes;
    this.allUtf8 = isUtf8(buf.subarray(0, end));
    const open = this.token(skipSpace(buf, 0, end), 123, '{');
    const key = this.key(open);
    const behind = this.members(key.behind, []);
    const close = this.token(behind, 125, '} behind the columns, and nothing else');
    if (close < end) throw broken('something follows the object of columns');
  }

  read(cells: CellTable, take: TakeRow): void {
    const { buf, end, lists } = this;
    cells.reserve(Math.max(0, ...lists.map(({ slot }) => slot + 1)));
    const cursors = lists.map((list): List => ({ ...list }));
    const [first] = cursors;
    for (let line = 1; first !== undefined && buf[first.p] !== 93; line++) {
      cells.beginRow();
      let problem: RecordProblem | null = null;
      for (const list of cursors) {
        if (buf[list.p] === 93) throw unequal(list, line - 1, first);
        const found = this.value(cells, list, line);
        problem ??= found;
        list.p = skipSpace(buf, list.p, end);
        if (buf[list.p] === 44) {
          list.p = skipSpace(buf, list.p + 1, end);
          if (buf[list.p] === 93) throw broken(`a value is missing at the end of ${quoted(list.name)}`);
        } else if (buf[list.p] !== 93)
          throw broken(`a comma or ] is missing in ${quoted(list.name)} behind row ${line}`);
      }
      take(line, problem);
    }
    const longer = cursors.find((list) => buf[list.p] !== 93);
    if (first !== undefined && longer !== undefined) throw unequal(first, null, longer);
  }

  /** Reads the object of lists at `p`, or that of one group of them; returns the position behind it. */
  private members(p: number, path: readonly string[]): number {
    const { buf, end } = this;
    let at = this.token(p, 123, `{ behind ${path.length === 0 ? '"columns"' : quoted(path.join('.'))}`);
    if (buf[at] === 125) return skipSpace(buf, at + 1, end);
    for (;;) {
      const key = this.key(at);
      const inner = [...path, key.text];
      const name = quoted(inner.join('.'));
      const group = path.length === 0 && GROUPS.some((name) => name === key.text);
      if (buf[key.behind] === 123 && group) at = this.members(key.behind, inner);
      else if (buf[key.behind] === 91) at = this.list(key.behind, inner.join('.'));
      else throw broken(`${name} must be a list of values${group ? ', or an object of lists' : ''}`);
      if (buf[at] === 125) return skipSpace(buf, at + 1, end);
      at = this.token(at, 44, `a comma or } behind ${name}`);
    }
  }

  private list(p: number, name: string): number {
    const { buf, end } = this;
    const behind = balancedEnd(buf, p, end);
    if (behind < 0) throw broken(`the list ${quoted(name)} is not closed`);
    const path = recordPath(name, this.fields.shape);
    if (path !== null) {
      const slot = this.fields.slotOf(path, CELL.null);
      if (typeof slot !== 'number') throw broken(slot.detail);
      if (this.lists.some((list) => list.slot === slot)) throw broken(`two lists are called ${quoted(name)}`);
      this.lists.push({ name, slot, p: skipSpace(buf, p + 1, end) });
    }
    return skipSpace(buf, behind, end);
  }

  /** The key at `p`, and the position of what stands behind its colon. */
  private key(p: number): { readonly text: string; readonly behind: number } {
    const { buf, end } = this;
    const behind = buf[p] === 34 ? stringEnd(buf, p) : -1;
    if (behind < 0 || behind > end) throw broken('expected the name of a column in double quotes');
    const problem = escapeProblem(buf, p + 1, behind - 1);
    if (problem !== null) throw broken(`the name of a column ${problem}`);
    if (!isUtf8(buf.subarray(p, behind))) throw broken('the name of a column is not UTF-8');
    const text = unescaped(buf, p + 1, behind - 1);
    return { text, behind: this.token(skipSpace(buf, behind, end), 58, `a colon behind ${quoted(text)}`) };
  }

  /** Behind that byte and the space that follows it. */
  private token(p: number, byte: number, what: string): number {
    if (p >= this.end || this.buf[p] !== byte) throw broken(`expected ${what}`);
    return skipSpace(this.buf, p + 1, this.end);
  }

  /** Writes the cell of the value at the list's cursor and moves the cursor behind it. */
  private value(cells: CellTable, list: List, line: number): RecordProblem | null {
    const { buf, end } = this;
    const from = list.p;
    const i = cells.rows * cells.stride + list.slot;
    const b = buf[from]!;
    if (b === 34) return this.text(cells, i, list);
    if (b === 45 || (b >= 48 && b <= 57)) {
      const behind = numberEnd(buf, from);
      if (behind >= 0 && behind <= end) {
        list.p = behind;
        const kind = numberCell(buf, from, behind);
        if (kind < 0) return problemOf(list, 'invalid-number', 'is beyond the largest number that can be kept');
        cells.kinds[i] = kind;
        cells.starts[i] = from;
        cells.ends[i] = behind;
        return null;
      }
    } else if (b === 91 || b === 123) {
      if (this.vector(cells, i, list)) return null;
      list.p = balancedEnd(buf, from, end);
      return problemOf(
        list,
        'invalid-value',
        'holds a list or an object; only single values can be kept, and in features lists of numbers',
      );
    } else {
      const behind = literalEnd(buf, from);
      if (behind > 0 && behind <= end) {
        list.p = behind;
        cells.kinds[i] = b === 116 ? CELL.true : b === 102 ? CELL.false : CELL.null;
        cells.starts[i] = from;
        cells.ends[i] = behind;
        return null;
      }
    }
    const word = /^-?(?:NaN|Infinity)/.exec(buf.toString('latin1', from, Math.min(end, from + 10)))?.[0];
    if (word === undefined) throw broken(`${quoted(list.name)} has no value for row ${line}`);
    list.p = from + word.length;
    return problemOf(list, 'invalid-number', `holds ${word}, which is not JSON; send null`);
  }

  /** True for a list of numbers in a feature, with its cell written and the cursor behind it. */
  private vector(cells: CellTable, i: number, list: List): boolean {
    const { buf, end, maxBytes } = this;
    if (this.fields.names[list.slot]?.startsWith('feature.') !== true) return false;
    const behind = numberListEnd(buf, list.p, end);
    if (behind < 0) return false;
    if (behind - list.p > maxBytes) throw tooLarge(`A list in ${quoted(list.name)} is longer than ${maxBytes} bytes.`);
    cells.kinds[i] = CELL.numbers;
    cells.starts[i] = list.p;
    cells.ends[i] = behind;
    list.p = behind;
    return true;
  }

  private text(cells: CellTable, i: number, list: List): RecordProblem | null {
    const { buf, end, maxBytes } = this;
    const from = list.p;
    let behind = from + 1;
    while (PLAIN[buf[behind]!] === 1) behind++;
    const escaped = buf[behind] !== 34;
    behind = escaped ? stringEnd(buf, from) : behind + 1;
    if (behind < 0 || behind > end) {
      throw broken(`a text in ${quoted(list.name)} is not closed, or holds a control character`);
    }
    if (behind - from > maxBytes) throw tooLarge(`A text in ${quoted(list.name)} is longer than ${maxBytes} bytes.`);
    list.p = behind;
    if (!this.allUtf8 && !isUtf8(buf.subarray(from, behind))) return problemOf(list, 'invalid-text', 'is not UTF-8');
    const problem = escaped ? escapeProblem(buf, from + 1, behind - 1) : null;
    if (problem !== null) return problemOf(list, 'invalid-text', problem);
    cells.kinds[i] = escaped ? CELL.escaped : CELL.text;
    cells.starts[i] = from + 1;
    cells.ends[i] = behind - 1;
    return null;
  }
}

function problemOf(list: List, code: RecordProblem['code'], what: string): RecordProblem {
  const field = shown(list.name, 100);
  return { code, field, detail: `${field} ${what}` };
}

function quoted(name: string): string {
  return `"${shown(name, 100)}"`;
}

/** @param values how many the shorter list has, where that is known */
function unequal(shorter: List, values: number | null, longer: List): TidemarkError {
  const count = values === null ? 'fewer' : `${values}`;
  return broken(
    `${quoted(shorter.name)} has ${count} values and ${quoted(longer.name)} has more; lists must be of one length`,
  );
}

function broken(what: string): TidemarkError {
  return new TidemarkError('invalid-body', `The body is not the columns it should be: ${what}.`);
}
