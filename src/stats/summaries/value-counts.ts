import type { TopValues, ValueCount } from '../profile.ts';
import { addText, type HyperLogLog } from './hyperloglog.ts';
import { noTopValues } from './top-values.ts';

/** Different texts that are counted exactly. */
const EXACT_TEXTS = 4_096;
/** A longer text is counted as different, but not remembered. */
const LONGEST_TEXT = 1_024;
/** Characters of all listed texts together, so that a profile stays small. */
const LISTED_CHARACTERS = 65_536;
/** Different texts in one batch from which on its singletons are not remembered. */
export const CROWDED_BATCH = EXACT_TEXTS;
/** Texts listed when they cannot all be. */
const LISTED_TEXTS = 256;

/** Counts of texts as plain data. */
export type CountsState = {
  readonly counts: ReadonlyMap<string, number>;
  readonly total: number;
  readonly error: number;
  readonly tooLong: number;
  readonly overflowed: boolean;
};

/**
 * Counts of texts in bounded memory: exact up to 4,096 different ones, beyond that Misra and Gries' (1982)
 * frequent items, where no count is short by more than `error` <= rows / 4,097. Weighted counts prune to the
 * 4,096 largest whenever twice as many are held. Mergeable.
 */
export class ValueCounts {
  readonly #counts = new Map<string, number>();
  #total = 0;
  #error = 0;
  #tooLong = 0;
  #overflowed = false;

  /** False once some text is no longer in the table. */
  get exact(): boolean {
    return !this.#overflowed;
  }

  get distinct(): number {
    return this.#counts.size;
  }

  add(text: string, count: number): void {
    this.#total += count;
    if (text.length > LONGEST_TEXT) {
      this.#overflowed = true;
      this.#tooLong += count;
      return;
    }
    this.#counts.set(text, (this.#counts.get(text) ?? 0) + count);
    if (this.#counts.size > 2 * EXACT_TEXTS || (!this.#overflowed && this.#counts.size > EXACT_TEXTS)) {
      this.#overflowed = true;
      if (this.#counts.size > 2 * EXACT_TEXTS) this.#prune();
    }
  }

  /** Takes in rows whose texts are not known: up to `error` of them may be missing from any one count. */
  addUnknown(rows: number, error: number): void {
    if (rows === 0) return;
    this.#total += rows;
    this.#error += error;
    this.#overflowed = true;
  }

  /** The counts as plain data; the object must not be used any more. */
  state(): CountsState {
    return {
      counts: this.#counts,
      total: this.#total,
      error: this.#error,
      tooLong: this.#tooLong,
      overflowed: this.#overflowed,
    };
  }

  /** Takes the counts of disjoint rows. */
  absorb(other: CountsState): void {
    let held = 0;
    for (const [text, count] of other.counts) {
      this.add(text, count);
      held += count;
    }
    this.#total += other.total - held;
    this.#error += other.error;
    this.#tooLong += other.tooLong;
    this.#overflowed ||= other.overflowed;
  }

  /** Counts every remembered text into the registers. */
  addTo(registers: HyperLogLog): void {
    for (const text of this.#counts.keys()) addText(registers, text);
  }

  /** The counts as they are stored, most frequent first, ties by text. */
  describe(): TopValues {
    const sorted: ValueCount[] = [];
    for (const [value, count] of this.#counts)
      if (!this.#overflowed || count > this.#error) sorted.push({ value, count });
    sorted.sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
    const values = this.#listed(sorted);
    if (this.#overflowed && (values[0]?.count ?? 0) <= 1) {
      return noTopValues(this.#total, Math.max(1 + 2 * this.#error, this.#tooLong));
    }
    return {
      method: this.#overflowed ? 'misra-gries/4096@1' : 'exact@1',
      values,
      rest: this.#total - values.reduce((sum, { count }) => sum + count, 0),
      complete: !this.#overflowed && values.length === sorted.length,
      error: this.#error,
      unlisted: this.#unlisted(sorted, values),
      reason: null,
    };
  }

  /** What is held but not listed is at most as frequent as the last one listed; what is not held, as the error. */
  #unlisted(sorted: readonly ValueCount[], values: readonly ValueCount[]): number {
    const held = values.length < sorted.length ? sorted[values.length]!.count + this.#error : 0;
    return this.#overflowed ? Math.max(held, 2 * this.#error, this.#tooLong) : held;
  }

  #listed(sorted: readonly ValueCount[]): readonly ValueCount[] {
    let characters = 0;
    let k = 0;
    while (k < sorted.length && characters + String(sorted[k]!.value).length <= LISTED_CHARACTERS) {
      characters += String(sorted[k]!.value).length;
      k++;
    }
    if (!this.#overflowed && k === sorted.length) return sorted;
    return sorted.slice(0, Math.min(k, LISTED_TEXTS));
  }

  #prune(): void {
    const counts = Float64Array.from(this.#counts.values()).sort();
    const cut = counts[counts.length - EXACT_TEXTS - 1]!;
    this.#error += cut;
    for (const [text, count] of this.#counts) {
      if (count <= cut) this.#counts.delete(text);
      else this.#counts.set(text, count - cut);
    }
  }
}
