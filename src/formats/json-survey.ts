/** The first pass over JSON records: evidence per column, and what a person should be told about it. */
import type { ColumnType } from '../stats/column.ts';
import { columnTypeOf, isMixed, readsAs, SEEN } from './csv-types.ts';
import type { RecordBlock } from './json-blocks.ts';
import { CELL } from './json-cells.ts';
import { evidenceOf } from './json-columns.ts';
import type { TableWarning } from './table.ts';
import { DATE_ONLY, LOCAL_TIME, NOT_A_TIME, readTime } from './time-text.ts';

const LIST = 1 << 20;
const TIMES = SEEN.date | SEEN.zonedTime | SEEN.localTime;

export class JsonSurvey {
  private readonly evidence: number[] = [];
  private readonly time = new Float64Array(1);

  add(block: RecordBlock, slots: number): void {
    for (let slot = 0; slot < slots; slot++) {
      if (slot >= block.cells.stride) break;
      const seen = this.evidence[slot] ?? 0;
      this.evidence[slot] = seen | this.blockEvidence(block, slot, seen);
    }
  }

  /** Evidence by slot. */
  found(): readonly number[] {
    return this.evidence;
  }

  /** Takes evidence from records that come next. As within a survey, behind a plain text a time is but a text. */
  absorb(slot: number, found: number): void {
    const seen = this.evidence[slot] ?? 0;
    const times = (seen & SEEN.text) !== 0 && (found & TIMES) !== 0;
    this.evidence[slot] = seen | (times ? (found & ~TIMES) | SEEN.text : found);
  }

  /** True when all cells so far can be read as the type. */
  fits(slot: number, type: ColumnType): boolean {
    return readsAs(this.evidence[slot] ?? 0, type);
  }

  typeOf(slot: number): ColumnType {
    return columnTypeOf(this.evidence[slot] ?? 0);
  }

  /** Slots that are columns: all but those where a list stood. */
  readableSlots(slots: number): number[] {
    return Array.from({ length: slots }, (_, slot) => slot).filter((slot) => ((this.evidence[slot] ?? 0) & LIST) === 0);
  }

  warnings(names: readonly string[]): TableWarning[] {
    return names.flatMap((name, slot): TableWarning[] => {
      const seen = this.evidence[slot] ?? 0;
      if ((seen & LIST) !== 0) {
        return [{ code: 'nested-column', column: name, detail: 'The column holds lists and is left out.' }];
      }
      const found: TableWarning[] = [];
      if (isMixed(seen)) {
        const detail = 'The column holds values of several types, so all of it reads as text.';
        found.push({ code: 'mixed-types', column: name, detail });
      }
      const type = columnTypeOf(seen);
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

  /** Texts count as times as long as every one of them is a time; the first plain text ends the question. */
  private blockEvidence(block: RecordBlock, slot: number, before: number): number {
    const { buf, cells } = block;
    const { kinds, starts, ends, stride, rows } = cells;
    let seen = evidenceOf({ buf, cells, slot });
    let texts = 0;
    for (let i = slot; i < rows * stride; i += stride) {
      if (kinds[i] === CELL.list) seen |= LIST;
      else if (kinds[i] === CELL.escaped || kinds[i] === CELL.hugeInteger) texts |= SEEN.text;
      else if (kinds[i] === CELL.text && ((before | texts) & SEEN.text) === 0) {
        texts |= timeEvidence(readTime(buf, starts[i]!, ends[i]!, this.time));
      }
    }
    const plainTexts = (before | texts) & SEEN.text;
    return plainTexts === 0 && (texts & TIMES) !== 0 ? (seen & ~SEEN.text) | texts : seen | texts;
  }
}

function timeEvidence(kind: number): number {
  if (kind === NOT_A_TIME) return SEEN.text;
  if (kind === DATE_ONLY) return SEEN.date;
  return kind === LOCAL_TIME ? SEEN.localTime : SEEN.zonedTime;
}
