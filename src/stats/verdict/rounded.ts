/** Three significant digits, as reasons tell numbers; a dash where there is none. */
export const rounded = (x: number | null): string => (x === null ? '–' : String(Number(x.toPrecision(3))));

/** A tail probability as reasons tell it: one that is too small for a double is not nothing. */
export const tailText = (name: 'p' | 'q', tail: number | null): string =>
  tail === 0 ? `${name} < 1e-300` : `${name} = ${rounded(tail)}`;
