import type { CategoryColumn } from '../column.ts';
import { LOOKED_AT, type TextShapeCounts } from './text-shapes.ts';

/** Which texts of its list the rows of a batch have. */
export class UsedTexts {
  /** Rows by code, of the batch that was counted last; there may be more of them than codes. */
  counts = new Uint32Array(0);
  /** Texts in the list, and how many of them a row has. */
  entries = 0;
  used = 0;
  nulls = 0;

  /** Counts a batch. Cost O(rows and texts). */
  count(column: CategoryColumn): void {
    const { codes, encoded, length } = column;
    const entries = encoded?.count ?? column.dictionary.length;
    if (this.counts.length < entries) this.counts = new Uint32Array(entries);
    const { counts } = this;
    counts.fill(0, 0, entries);
    let nulls = 0;
    for (let i = 0; i < length; i++) {
      const code = codes[i]!;
      if (code < 0) nulls++;
      else counts[code]!++;
    }
    let used = 0;
    for (let code = 0; code < entries; code++) if (counts[code]! > 0) used++;
    [this.entries, this.used, this.nulls] = [entries, used, nulls];
  }

  /** Looks at the texts of that batch, at evenly spread ones where there are many: of identifiers a part tells the pattern. */
  addShapes(column: CategoryColumn, shapes: TextShapeCounts): void {
    const { encoded } = column;
    const stride = Math.ceil(this.used / LOOKED_AT);
    if (encoded !== undefined) {
      shapes.addEncoded(encoded, { counts: this.counts, entries: this.entries, stride });
      return;
    }
    const { dictionary } = column;
    let seen = 0;
    for (let code = 0; code < this.entries; code++) {
      const count = this.counts[code]!;
      if (count > 0 && seen++ % stride === 0) shapes.add(dictionary[code]!, count);
    }
  }
}
