import type { ParsedRecords } from '../../../formats/prediction/record-types.ts';
import { tooLarge } from '../../../formats/unreadable.ts';
import { withEvidence } from '../settle/with-evidence.ts';
import {
  MOST_REFUSED,
  type Prepared,
  type PreparedPart,
  type PrepareOptions,
  prepareRecords,
  type Rejection,
} from './prepare-records.ts';
import { KEPT_BYTES } from './raw-records.ts';

/** Takes the bytes of a part's object and says where they are from then on. */
export type KeepPart<P> = (arrow: Uint8Array) => Promise<P>;

export type ParsedPart = {
  /** What the part's line numbers have to grow by to be those of the body. */
  readonly lineOffset: number;
  /** Rows of the part as they can be sent again, by line. */
  readonly texts: (wanted: { lines: ReadonlySet<number>; maxBytes: number }) => ReadonlyMap<number, string>;
};

/**
 * The parts of a large body, one after another: what is kept of each is handed on at once, so that memory does not
 * depend on how many there are. Nobody looks at it before the last one, for a bad row may refuse them all.
 */
export class CollectedParts<P> {
  readonly #options: PrepareOptions;
  readonly #keep: KeepPart<P>;
  readonly #parts: (PreparedPart & P)[] = [];
  readonly #rejected: Rejection[] = [];
  #rejectedTotal = 0;
  #rows = 0;
  #textBytes = 0;

  constructor(options: PrepareOptions, keep: KeepPart<P>) {
    this.#options = options;
    this.#keep = keep;
  }

  get #refused(): boolean {
    return this.#rejectedTotal > 0 && !this.#options.partial;
  }

  /** @throws TidemarkError `too-large` when the rows of all parts pass the limit. */
  async add(parsed: ParsedRecords, given: ParsedPart): Promise<void> {
    const { part, encode, rejected } = prepareRecords(withEvidence(parsed, this.#options), this.#options);
    const { maxRows } = this.#options;
    this.#rejectedTotal += rejected.length;
    this.#rows += part.rows + rejected.length;
    if (this.#rows > maxRows) throw tooLarge(`The body holds more than ${maxRows} records; send fewer at a time.`);
    if (this.#refused) {
      this.#addTexts(rejected.slice(0, Math.max(0, MOST_REFUSED - this.#rejected.length)), given);
      return;
    }
    if (rejected.length > 0) this.#addTexts(rejected, given);
    // Rows that were all refused leave nothing to store beside what the first part stores.
    if (part.rows > 0 || this.#parts.length === 0) this.#parts.push({ ...part, ...(await this.#keep(encode())) });
  }

  result(): Prepared<P> {
    const refused = this.#refused;
    return {
      refused,
      parts: refused ? [] : this.#parts,
      rejected: this.#rejected,
      rejectedTotal: this.#rejectedTotal,
    };
  }

  #addTexts(rejected: readonly Rejection[], { lineOffset, texts }: ParsedPart): void {
    const lines = new Set(rejected.map(({ line }) => line));
    const found = texts({ lines, maxBytes: KEPT_BYTES - this.#textBytes });
    for (const text of found.values()) this.#textBytes += Buffer.byteLength(text);
    for (const row of rejected) this.#rejected.push(moved({ ...row, raw: found.get(row.line) ?? null }, lineOffset));
  }
}

const moved = (row: Rejection, lineOffset: number): Rejection => ({ ...row, line: row.line + lineOffset });
