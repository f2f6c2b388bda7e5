import type { CategoryColumn } from '../column.ts';
import type { CategoryProfile } from '../profile.ts';
import { CategoryProfiler } from './category-profiler.ts';
import { estimatedDistinct } from './distinct.ts';
import { addAscii, addText, addUsedWords, emptyRegisters, type HyperLogLog, mergeRegisters } from './hyperloglog.ts';
import { type ShapesState, TextShapeCounts } from './text-shapes.ts';
import { UsedTexts } from './used-texts.ts';

/** What was counted, as plain data. */
export type CountedTextsState = {
  readonly kind: 'counted texts';
  readonly rows: number;
  readonly nulls: number;
  readonly different: number;
  /** Null where not all texts were counted, or looked at. */
  readonly registers: HyperLogLog | null;
  readonly shapes: ShapesState | null;
};

/** Of a batch with fewer different texts, by its rows, they are not counted. */
const MANY = 0.5;

/**
 * Counts the rows of a column of texts, and those without a value, where nothing else is asked of its profile but whether
 * the texts name rows. As long as they may, they are counted and looked at as by a `CategoryProfiler`; the profile tells
 * how many there are, and of which shapes, and is otherwise the one of a column without any text.
 */
export class CountedTexts {
  readonly #batch = new UsedTexts();
  #rows = 0;
  #nulls = 0;
  /** No fewer than there are: those of each batch. */
  #different = 0;
  #registers: HyperLogLog | null = emptyRegisters();
  #shapes: TextShapeCounts | null = new TextShapeCounts();

  add(column: CategoryColumn): void {
    if (this.#isAlike(column)) this.#countRows(column);
    else this.#countUsed(column);
  }

  /** Whether it tells nothing new how many of its texts are used: there are few in its list, and the texts name no rows. */
  #isAlike({ encoded, length }: CategoryColumn): boolean {
    const entries = encoded?.count ?? Number.POSITIVE_INFINITY;
    return this.#registers === null && this.#shapes === null && entries < MANY * length;
  }

  #countRows(column: CategoryColumn): void {
    const { codes, length } = column;
    let nulls = 0;
    for (let i = 0; i < length; i++) nulls += codes[i]! >>> 31;
    this.#rows += column.length;
    this.#nulls += nulls;
    this.#different += Math.min(column.length - nulls, column.encoded?.count ?? column.length);
  }

  #countUsed(column: CategoryColumn): void {
    const batch = this.#batch;
    batch.count(column);
    this.#rows += column.length;
    this.#nulls += batch.nulls;
    this.#different += batch.used;
    if (batch.used < column.length) this.#shapes = null;
    if (this.#nulls > 0 || batch.used < MANY * column.length) this.#registers = null;
    if (this.#shapes !== null) batch.addShapes(column, this.#shapes);
    if (this.#registers !== null) this.#countTexts(column, this.#registers);
  }

  /** The object must not be used any more. */
  state(): CountedTextsState {
    return {
      kind: 'counted texts',
      rows: this.#rows,
      nulls: this.#nulls,
      different: this.#different,
      registers: this.#registers,
      shapes: this.#shapes?.state() ?? null,
    };
  }

  /** Takes what another one counted in the rows that come next. */
  absorb({ rows, nulls, different, registers, shapes }: CountedTextsState): void {
    this.#rows += rows;
    this.#nulls += nulls;
    this.#different += different;
    if (registers === null) this.#registers = null;
    else if (this.#registers !== null) mergeRegisters(this.#registers, registers);
    if (shapes === null) this.#shapes = null;
    else this.#shapes?.absorb(shapes);
  }

  /** `distinct` tells of no fewer than there are, `shapes` nothing, unless all texts were counted, and looked at. */
  finish(name: string): CategoryProfile {
    const nothing = new CategoryProfiler('text').finish(name);
    const distinct =
      this.#registers === null
        ? { ...nothing.distinct, value: this.#different }
        : estimatedDistinct(this.#registers, this.#rows);
    const shapes = this.#shapes?.describe() ?? null;
    return { ...nothing, rows: this.#rows, nulls: this.#nulls, distinct, shapes };
  }

  #countTexts(column: CategoryColumn, registers: HyperLogLog): void {
    const { counts, entries } = this.#batch;
    // In a loop of its own, which stays compiled whatever else columns are like.
    const words = column.encoded?.words?.() ?? null;
    if (words !== null) addUsedWords(registers, words, counts, entries);
    else this.#countEach(column, registers);
  }

  #countEach(column: CategoryColumn, registers: HyperLogLog): void {
    const { encoded } = column;
    const { counts, entries } = this.#batch;
    // Asking for the dictionary makes strings of all of it.
    const dictionary = encoded === undefined ? column.dictionary : [];
    for (let code = 0; code < entries; code++) {
      if (counts[code] === 0) continue;
      if (encoded === undefined) addText(registers, dictionary[code]!);
      else if (!addAscii(registers, encoded.bytes, encoded.offsets[code]!, encoded.offsets[code + 1]!)) {
        addText(registers, encoded.textOf(code));
      }
    }
  }
}
