/**
 * One JSON object → its scalar leaves, strictly: the careful twin of the predicted path in `json/shape.ts`.
 * It names what is wrong, and what it accepts the predicted path learns from.
 */

import type { RejectionCode } from '../prediction/record-types.ts';
import { shown } from '../unreadable.ts';
import { CELL } from './cells.ts';
import {
  escapeProblem,
  literalEnd,
  MAX_DEPTH,
  numberCell,
  numberEnd,
  numberListEnd,
  skipSpace,
  stringEnd,
} from './scan.ts';

export type RecordProblem = { readonly code: RejectionCode; readonly field?: string; readonly detail: string };

/** A leaf in document order; `[from, to)` is the value with its quotes. */
export type Leaf = { readonly slot: number; readonly kind: number; readonly from: number; readonly to: number };

/** The slot of a leaf, or why it may not be there. Called with the keys from the outermost inwards. */
export type SlotOf = (path: readonly string[], kind: number) => number | RecordProblem;

export class RecordParser {
  leaves: Leaf[] = [];
  problem: RecordProblem | null = null;
  private buf: Buffer = Buffer.alloc(0);
  private end = 0;
  private path: string[] = [];
  private readonly slotOf: SlotOf;

  constructor(slotOf: SlotOf) {
    this.slotOf = slotOf;
  }

  /** Parses the object at `start`; returns the position behind it, or -1 with `problem` set. */
  parse(buf: Buffer, start: number, end: number): number {
    this.buf = buf;
    this.end = end;
    this.leaves = [];
    this.path = [];
    this.problem = null;
    if (buf[start] !== 123) return this.fail('not-an-object', 'a record must be a JSON object');
    return this.object(start, 1);
  }

  private object(start: number, depth: number): number {
    if (depth > MAX_DEPTH) return this.fail('too-deep', `nesting is deeper than ${MAX_DEPTH}`);
    const { buf, end } = this;
    const keys = new Set<string>();
    let p = skipSpace(buf, start + 1, end);
    if (buf[p] === 125 && p < end) return p + 1;
    for (;;) {
      const behindKey = buf[p] === 34 && p < end ? stringEnd(buf, p) : -1;
      if (behindKey < 0 || behindKey > end)
        return this.fail('invalid-json', this.expected('a key in double quotes', p));
      const key = this.text(p + 1, behindKey - 1);
      if (key === null) return -1;
      if (keys.has(key)) return this.fail('duplicate-key', `the key ${shown(key)} stands twice`, key);
      keys.add(key);
      p = skipSpace(buf, behindKey, end);
      if (buf[p] !== 58 || p >= end) return this.fail('invalid-json', this.expected('a colon', p));
      this.path.push(key);
      p = this.member(skipSpace(buf, p + 1, end), depth);
      if (p < 0) return -1;
      this.path.pop();
      p = skipSpace(buf, p, end);
      if (p >= end) return this.fail('invalid-json', 'the record is cut off');
      if (buf[p] === 125) return p + 1;
      if (buf[p] !== 44) return this.fail('invalid-json', this.expected('a comma or }', p));
      p = skipSpace(buf, p + 1, end);
    }
  }

  private member(p: number, depth: number): number {
    if (p >= this.end) return this.fail('invalid-json', 'the record is cut off');
    if (this.buf[p] === 123) return this.object(p, depth + 1);
    const list = this.buf[p] === 91;
    const behind = list ? this.list(p, depth + 1) : this.scalar(p);
    if (behind < 0) return -1;
    const kind = list ? listKind(this.buf, p, behind) : this.kind;
    const slot = this.slotOf(this.path, kind);
    if (typeof slot !== 'number') {
      this.problem = slot;
      return -1;
    }
    this.leaves.push({ slot, kind, from: p, to: behind });
    return behind;
  }

  private kind: number = CELL.absent;

  private scalar(p: number): number {
    const { buf, end } = this;
    const b = buf[p]!;
    if (b === 34) return this.string(p);
    if (b === 45 || (b >= 48 && b <= 57)) {
      const behind = numberEnd(buf, p);
      if (behind < 0 || behind > end) return this.noValue(p);
      this.kind = numberCell(buf, p, behind);
      if (this.kind >= 0) return behind;
      const digits = shown(buf.toString('latin1', p, behind), 30);
      return this.fail('invalid-number', `${digits} is beyond the largest number that can be kept`);
    }
    const behind = literalEnd(buf, p);
    if (behind > 0 && behind <= end) {
      this.kind = b === 116 ? CELL.true : b === 102 ? CELL.false : CELL.null;
      return behind;
    }
    return this.noValue(p);
  }

  private noValue(p: number): -1 {
    const word = /^[-+]?(?:NaN|nan|Infinity|inf)/.exec(this.buf.toString('latin1', p, Math.min(this.end, p + 10)));
    if (word === null) return this.fail('invalid-json', this.expected('a value', p));
    return this.fail('invalid-number', `${word[0]} is not JSON; send null`);
  }

  private string(p: number): number {
    const behind = stringEnd(this.buf, p);
    if (behind < 0 || behind > this.end)
      return this.fail('invalid-json', 'a text is not closed, or holds a control character');
    this.kind = CELL.text;
    if (this.buf.subarray(p, behind).includes(92)) {
      this.kind = CELL.escaped;
      const problem = escapeProblem(this.buf, p + 1, behind - 1);
      if (problem !== null) return this.fail('invalid-text', `the text ${problem}`);
    }
    return behind;
  }

  private list(start: number, depth: number): number {
    if (depth > MAX_DEPTH) return this.fail('too-deep', `nesting is deeper than ${MAX_DEPTH}`);
    const { buf, end } = this;
    let p = skipSpace(buf, start + 1, end);
    if (buf[p] === 93 && p < end) return p + 1;
    for (;;) {
      if (p >= end) return this.fail('invalid-json', 'the record is cut off');
      p = buf[p] === 91 ? this.list(p, depth + 1) : buf[p] === 123 ? this.ignoredObject(p, depth + 1) : this.scalar(p);
      if (p < 0) return -1;
      p = skipSpace(buf, p, end);
      if (buf[p] === 93 && p < end) return p + 1;
      if (buf[p] !== 44 || p >= end) return this.fail('invalid-json', this.expected('a comma or ]', p));
      p = skipSpace(buf, p + 1, end);
    }
  }

  /** An object inside a list: checked like any other, its leaves taken back. */
  private ignoredObject(p: number, depth: number): number {
    const inner = new RecordParser(() => 0);
    inner.buf = this.buf;
    inner.end = this.end;
    const behind = inner.object(p, depth);
    if (inner.problem !== null) this.problem = inner.problem;
    return behind;
  }

  private text(start: number, end: number): string | null {
    const raw = this.buf.toString('utf8', start, end);
    if (!raw.includes('\\')) return raw;
    const problem = escapeProblem(this.buf, start, end);
    if (problem === null) return unescaped(this.buf, start, end);
    this.fail('invalid-text', `a key ${problem}`);
    return null;
  }

  private expected(what: string, p: number): string {
    if (p >= this.end) return 'the record is cut off';
    return `expected ${what} before "${shown(this.buf.toString('utf8', p, Math.min(this.end, p + 20)), 20)}"`;
  }

  private fail(code: RejectionCode, detail: string, key?: string): -1 {
    const path = key === undefined ? this.path : [...this.path, key];
    const field = shown(path.join('.'), 100);
    this.problem = field === '' ? { code, detail } : { code, field, detail };
    return -1;
  }
}

const listKind = (buf: Uint8Array, p: number, behind: number): number =>
  numberListEnd(buf, p, behind) === behind ? CELL.numbers : CELL.list;

/** The text between two quotes whose escapes have been checked. */
export function unescaped(buf: Buffer, start: number, end: number): string {
  return String(JSON.parse(`"${buf.toString('utf8', start, end)}"`));
}
