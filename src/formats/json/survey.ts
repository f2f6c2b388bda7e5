/** The first pass over JSON records: evidence per column, and what a person should be told about it. */
import { type ColumnType, type Field, isVectorType } from '../../stats/column.ts';
import { settleType } from '../columns/asked-types.ts';
import { columnTypeOf, isMixed, readsAs, SEEN } from '../csv/types.ts';
import type { AskedTypes, TableWarning } from '../table.ts';
import { DATE_ONLY, LOCAL_TIME, NOT_A_TIME, readTime } from '../text/time-text.ts';
import type { RecordBlock } from './blocks.ts';
import { CELL } from './cells.ts';
import { dimensionIn, evidenceOfKinds, kindsOf, oneDimension } from './columns.ts';

const LIST = 1 << 20;
const TEXTS = (1 << CELL.text) | (1 << CELL.escaped) | (1 << CELL.hugeInteger);
const TIMES = SEEN.date | SEEN.zonedTime | SEEN.localTime;

/** What was seen in a column: bits, and the one length of its lists of numbers (0: none, -1: they differ). */
export type SlotEvidence = { readonly seen: number; readonly dimension: number };

type SlotKinds = { readonly slot: number; readonly kinds: number };

export class JsonSurvey {
  private readonly evidence: number[] = [];
  private readonly dimensions: number[] = [];
  private readonly time = new Float64Array(1);

  add(block: RecordBlock, slots: number): void {
    for (let slot = 0; slot < slots; slot++) this.addSlot(block, slot);
  }

  /** @param kinds those of all its cells */
  addSlot(block: RecordBlock, slot: number, kinds?: number): void {
    if (slot >= block.cells.stride) return;
    const seen = this.evidence[slot] ?? 0;
    const found = this.blockEvidence(block, { slot, kinds: kinds ?? kindsOf({ ...block, slot }) }, seen);
    this.evidence[slot] = seen | found;
    if ((found & SEEN.numbers) !== 0) this.meet(slot, dimensionIn({ ...block, slot }));
  }

  /** Takes the evidence of a block's cells that another reader has found, when no plain text was among them. */
  note(slot: number, seen: number): void {
    this.evidence[slot] = (this.evidence[slot] ?? 0) | seen;
  }

  /** True once a text that is no time was among the cells. */
  isText(slot: number): boolean {
    return ((this.evidence[slot] ?? 0) & SEEN.text) !== 0;
  }

  found(slot: number): SlotEvidence {
    return { seen: this.evidence[slot] ?? 0, dimension: this.dimensions[slot] ?? 0 };
  }

  /** Takes evidence from records that come next. As within a survey, behind a plain text a time is but a text. */
  absorb(slot: number, { seen: found, dimension }: SlotEvidence): void {
    this.meet(slot, dimension);
    const seen = this.evidence[slot] ?? 0;
    const times = (seen & SEEN.text) !== 0 && (found & TIMES) !== 0;
    this.evidence[slot] = seen | (times ? (found & ~TIMES) | SEEN.text : found);
  }

  /** True when all cells so far can be read as the type. */
  fits(slot: number, type: ColumnType): boolean {
    const { seen, dimension } = this.found(slot);
    return readsAs(seen, type, dimension);
  }

  typeOf(slot: number): ColumnType {
    const { seen, dimension } = this.found(slot);
    return columnTypeOf(seen, dimension);
  }

  /** The columns as they are read. @throws TidemarkError `unreadable-data` for one that does not fit the type asked for. */
  fields(names: readonly string[], asked: AskedTypes | undefined): Field[] {
    return this.readableSlots(names.length).map((slot) => {
      const name = names[slot]!;
      const found = { type: this.typeOf(slot), fits: (type: ColumnType) => this.fits(slot, type) };
      return { name, type: settleType(name, found, asked) };
    });
  }

  /** Slots that are columns: all but those where a list stood that is no vector, or one beside something else. */
  readableSlots(slots: number): number[] {
    return Array.from({ length: slots }, (_, slot) => slot).filter((slot) => !this.holdsLists(slot));
  }

  /** @param fields those of the names that are columns, as they are read */
  warnings(names: readonly string[], fields: readonly Field[]): TableWarning[] {
    const types = new Map(fields.map(({ name, type }) => [name, type]));
    return names.flatMap((name, slot): TableWarning[] => {
      const seen = this.evidence[slot] ?? 0;
      if (this.holdsLists(slot)) return [{ code: 'nested-column', column: name, detail: this.whyLists(slot) }];
      const found: TableWarning[] = [];
      if (isMixed(seen) && !isVectorType(this.typeOf(slot))) {
        const detail = 'The column holds values of several types, so all of it reads as text.';
        found.push({ code: 'mixed-types', column: name, detail });
      }
      const type = types.get(name);
      if (type === 'float64' && (seen & SEEN.bigInteger) !== 0) {
        const detail = 'Integers beyond 2^53 stand among decimals and are rounded to the nearest double.';
        found.push({ code: 'rounded-integers', column: name, detail });
      }
      if (type === 'timestamp' && (seen & SEEN.localTime) !== 0) {
        found.push({ code: 'no-time-zone', column: name, detail: 'Times without a zone read as UTC.' });
      }
      return found;
    });
  }

  private meet(slot: number, dimension: number): void {
    this.dimensions[slot] = oneDimension(this.dimensions[slot] ?? 0, dimension);
  }

  private holdsLists(slot: number): boolean {
    const { seen } = this.found(slot);
    return (seen & LIST) !== 0 || ((seen & SEEN.numbers) !== 0 && !isVectorType(this.typeOf(slot)));
  }

  private whyLists(slot: number): string {
    const { seen, dimension } = this.found(slot);
    const vectors = (seen & LIST) === 0 && dimension < 0;
    return `The column holds lists${vectors ? ' of different lengths' : ''} and is left out.`;
  }

  /** Texts count as times as long as every one of them is a time; the first plain text ends the question. */
  private blockEvidence(block: RecordBlock, { slot, kinds: found }: SlotKinds, before: number): number {
    const { buf, cells } = block;
    const { kinds, starts, ends, stride, rows } = cells;
    const seen = evidenceOfKinds(found) | ((found & (1 << CELL.list)) === 0 ? 0 : LIST);
    // Where no text is, or one was before, there is nothing to look at again.
    if ((found & TEXTS) === 0 || (before & SEEN.text) !== 0) return seen;
    let texts = 0;
    for (let i = slot; i < rows * stride; i += stride) {
      if (kinds[i] === CELL.escaped || kinds[i] === CELL.hugeInteger) texts |= SEEN.text;
      else if (kinds[i] === CELL.text && (texts & SEEN.text) === 0) {
        texts |= timeEvidence(readTime(buf, starts[i]!, ends[i]!, this.time));
      }
    }
    return (texts & SEEN.text) === 0 ? (seen & ~SEEN.text) | texts : seen | texts;
  }
}

function timeEvidence(kind: number): number {
  if (kind === NOT_A_TIME) return SEEN.text;
  if (kind === DATE_ONLY) return SEEN.date;
  return kind === LOCAL_TIME ? SEEN.localTime : SEEN.zonedTime;
}
