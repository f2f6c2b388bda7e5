const BLOCK_ROWS = 2048;

type Bounds = { readonly starts: Int32Array; readonly ends: Int32Array };

function boundsOf(cells: number): Bounds {
  return { starts: new Int32Array(cells), ends: new Int32Array(cells) };
}

/** Rows of a block so that the bounds of a wide table's block stay within some megabytes. */
export function blockRows(width: number, maxRows = BLOCK_ROWS): number {
  return Math.min(maxRows, Math.max(16, Math.floor(2 ** 17 / width)));
}

/** A block of rows. Field `c` of row `r` has its bounds at `r * width + c`. */
export class RowIndex {
  readonly width: number;
  readonly starts: Int32Array;
  /** A quoted field has the complement `~end`. An absent field has start = end = 0. */
  readonly ends: Int32Array;
  rows = 0;

  constructor(width: number, maxRows = BLOCK_ROWS, bounds = boundsOf(blockRows(width, maxRows) * width)) {
    this.width = width;
    this.starts = bounds.starts;
    this.ends = bounds.ends;
  }

  get capacity(): number {
    return this.starts.length / this.width;
  }
}

/** What `scan` needs to know about the bytes beyond the buffer. */
export type ScanRange = {
  readonly start: number;
  readonly end: number;
  /** No row is begun at or after this byte; by default the end. */
  readonly until?: number;
  /** No bytes follow the buffer. */
  readonly last: boolean;
  /** Bytes of the file before the buffer, for messages. */
  readonly offset: number;
};
