/**
 * Windows of so many rows, in order of event time. One ends right after the row that completes it; rows of one
 * instant stay together, so a window may hold a few more. Where a window was cut, it stays cut: a row that comes late
 * belongs to the window that covers its time, which then has one more. Where the cuts lie depends on the order in
 * which batches settled and on nothing else.
 */
export type CutWindow = { readonly start: number; readonly end: number; readonly rows: number };

/** Cuts event times that are given in order, in milliseconds since 1970. */
export class RowCutter {
  readonly #perWindow: number;
  #start: number;
  #rows = 0;

  constructor(start: number, perWindow: number) {
    this.#start = start;
    this.#perWindow = perWindow;
  }

  /** Takes the rows of one instant; answers with the window that they complete, if they do. */
  add(time: number, rows: number): CutWindow | null {
    this.#rows += rows;
    if (this.#rows < this.#perWindow) return null;
    const complete = { start: this.#start, end: time + 1, rows: this.#rows };
    this.#start = complete.end;
    this.#rows = 0;
    return complete;
  }

  /** What is left after the last cut. */
  rest(): { readonly start: number; readonly rows: number } {
    return { start: this.#start, rows: this.#rows };
  }
}

/**
 * The windows of a stretch that lies before all others, `[cut[0].start, end)`: what is left after the last cut goes
 * into the last window, since no later row will complete one of its own.
 */
export function fitBefore(cut: readonly CutWindow[], rest: ReturnType<RowCutter['rest']>, end: number): CutWindow[] {
  const last = cut.at(-1);
  if (last === undefined) return [{ ...rest, end }];
  return [...cut.slice(0, -1), { ...last, end, rows: last.rows + rest.rows }];
}
