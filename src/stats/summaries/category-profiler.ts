import type { CategoryColumn, EncodedTexts } from '../column.ts';
import type { CategoryProfile } from '../profile.ts';
import { estimatedDistinct, exactDistinct } from './distinct.ts';
import { addAscii, addText, addTextWords, emptyRegisters, type HyperLogLog, mergeRegisters } from './hyperloglog.ts';
import { type ShapesState, TextShapeCounts } from './text-shapes.ts';
import { UsedTexts } from './used-texts.ts';
import { type CountsState, CROWDED_BATCH, ValueCounts } from './value-counts.ts';

/** What a profiler of texts has counted, as plain data. */
export type CategoryState = {
  readonly kind: 'category';
  readonly values: CountsState;
  readonly registers: HyperLogLog | null;
  readonly rows: number;
  readonly nulls: number;
  readonly empty: number;
  readonly shortest: number;
  readonly longest: number;
  readonly characters: number;
  readonly shapes: ShapesState;
};

/** Profiles one column of texts or booleans, batch by batch: one pass over the codes, one over the dictionary. */
export class CategoryProfiler {
  readonly #type: CategoryColumn['type'];
  readonly #values = new ValueCounts();
  readonly #shapes = new TextShapeCounts();
  #registers: HyperLogLog | null = null;
  #rows = 0;
  #nulls = 0;
  #empty = 0;
  #shortest = Number.POSITIVE_INFINITY;
  #longest = 0;
  #characters = 0;
  readonly #batch = new UsedTexts();

  constructor(type: CategoryColumn['type']) {
    this.#type = type;
  }

  add(column: CategoryColumn): void {
    const batch = this.#batch;
    batch.count(column);
    this.#rows += column.length;
    this.#nulls += batch.nulls;
    if (this.#type === 'text') batch.addShapes(column, this.#shapes);
    this.#takeDictionary(column);
  }

  /** What was counted, as plain data; the profiler must not be used any more. */
  state(): CategoryState {
    return {
      kind: 'category',
      values: this.#values.state(),
      registers: this.#registers,
      rows: this.#rows,
      nulls: this.#nulls,
      empty: this.#empty,
      shortest: this.#shortest,
      longest: this.#longest,
      characters: this.#characters,
      shapes: this.#shapes.state(),
    };
  }

  /** Takes what another profiler counted in the rows that come next. */
  absorb(other: CategoryState): void {
    // Before the counts are joined, because joining them may drop texts.
    const registers = this.#registers ?? this.#allRegisters();
    if (other.registers !== null) mergeRegisters(registers, other.registers);
    else for (const text of other.values.counts.keys()) addText(registers, text);
    this.#values.absorb(other.values);
    if (!this.#values.exact) this.#registers = registers;
    this.#rows += other.rows;
    this.#nulls += other.nulls;
    this.#empty += other.empty;
    this.#shortest = Math.min(this.#shortest, other.shortest);
    this.#longest = Math.max(this.#longest, other.longest);
    this.#characters += other.characters;
    this.#shapes.absorb(other.shapes);
  }

  finish(name: string): CategoryProfile {
    const rows = this.#rows - this.#nulls;
    const top = this.#values.describe();
    const registers = this.#registers;
    const measured = this.#type !== 'boolean' && rows > 0;
    return {
      kind: 'category',
      name,
      type: this.#type,
      types: [this.#type],
      rows: this.#rows,
      nulls: this.#nulls,
      absent: 0,
      empty: this.#empty,
      lengths: measured ? { min: this.#shortest, mean: this.#characters / rows, max: this.#longest } : null,
      shapes: measured ? this.#shapes.describe() : null,
      distinct:
        registers === null
          ? exactDistinct(this.#values.distinct, top.complete ? null : this.#allRegisters())
          : estimatedDistinct(registers, rows),
      top,
    };
  }

  /**
   * Once exact counting is given up, a text that occurs once in a batch of thousands of different ones is not
   * remembered: that is most of the work on a column of identifiers, and costs any count at most one row a batch.
   */
  #takeDictionary(column: CategoryColumn): void {
    const { encoded } = column;
    // Asking for the dictionary makes strings of all of it.
    const dictionary = encoded === undefined ? column.dictionary : [];
    const { counts, entries, used } = this.#batch;
    const crowded = used > CROWDED_BATCH;
    const words = crowded && this.#registers !== null ? (encoded?.words?.() ?? null) : null;
    let skipped = 0;
    if (words !== null) skipped += this.#passOnes(words, encoded!.offsets);
    const least = words === null ? 1 : 2;
    for (let code = 0; code < entries; code++) {
      const count = counts[code]!;
      if (count < least) continue;
      const passing = count === 1 && crowded ? this.#registers : null;
      if (passing !== null && encoded !== undefined && this.#pass(encoded, code, passing)) {
        skipped++;
        continue;
      }
      const text = encoded === undefined ? dictionary[code]! : encoded.textOf(code);
      this.#measure(text.length, count);
      if (passing === null) this.#take(text, count);
      else {
        addText(passing, text);
        skipped++;
      }
    }
    this.#values.addUnknown(skipped, 1);
  }

  /**
   * Counts the texts that one row has, all of them ASCII, without making strings of them; returns how many there are. A loop
   * of its own stays compiled whatever else columns are like.
   */
  #passOnes(words: Int32Array, offsets: Int32Array): number {
    const { counts, entries } = this.#batch;
    const registers = this.#registers!;
    let [passed, shortest, longest, characters, empty] = [0, this.#shortest, this.#longest, 0, 0];
    for (let code = 0; code < entries; code++) {
      if (counts[code] !== 1) continue;
      addTextWords(registers, words, code);
      const length = offsets[code + 1]! - offsets[code]!;
      if (length === 0) empty++;
      if (length < shortest) shortest = length;
      if (length > longest) longest = length;
      characters += length;
      passed++;
    }
    [this.#shortest, this.#longest] = [shortest, longest];
    this.#characters += characters;
    this.#empty += empty;
    return passed;
  }

  /** Counts a text that is not remembered without making a string of it; false when that takes one. */
  #pass({ bytes, offsets }: EncodedTexts, code: number, registers: HyperLogLog): boolean {
    const start = offsets[code]!;
    const end = offsets[code + 1]!;
    if (!addAscii(registers, bytes, start, end)) return false;
    this.#measure(end - start, 1);
    return true;
  }

  #measure(length: number, count: number): void {
    if (length === 0) this.#empty += count;
    if (length < this.#shortest) this.#shortest = length;
    if (length > this.#longest) this.#longest = length;
    this.#characters += length * count;
  }

  #take(text: string, count: number): void {
    this.#values.add(text, count);
    if (this.#registers !== null) addText(this.#registers, text);
    else if (!this.#values.exact) {
      this.#registers = this.#allRegisters();
      addText(this.#registers, text);
    }
  }

  #allRegisters(): HyperLogLog {
    const registers = emptyRegisters();
    this.#values.addTo(registers);
    return registers;
  }
}
