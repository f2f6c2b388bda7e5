import { type Column, isValid } from '../../stats/column.ts';
import { vectorText } from '../../stats/vector-text.ts';

/**
 * Cells as text that is equal exactly when the values are: `-` for an absent one, else a letter for the kind (`n`
 * number, `t` text, `b` boolean, `d` point in time, `v` vector) and the value. Numbers are compared as numbers whatever type
 * holds them, int64 with all its digits; 0 and -0 are one, and so is every NaN. No cell holds a tab or a line feed.
 */
export type CellText = (row: number) => string;

export function cellTexts(column: Column): CellText {
  if (column.kind === 'category') {
    const letter = column.type === 'boolean' ? 'b' : 't';
    const known: string[] = [];
    return (row) => {
      const code = column.codes[row] ?? -1;
      if (code < 0) return '-';
      known[code] ??= letter + JSON.stringify(column.dictionary[code] ?? '');
      return known[code];
    };
  }
  if (column.kind === 'vector') return (row) => (isValid(column.valid, row) ? `v${vectorText(column, row)}` : '-');
  const letter = column.kind === 'time' ? 'd' : 'n';
  const exact = column.kind === 'number' ? column.exact : null;
  return (row) => {
    if (!isValid(column.valid, row)) return '-';
    const value = column.values[row] ?? 0;
    return letter + String(exact === null || Number.isSafeInteger(value) ? value + 0 : exact[row]);
  };
}

/** A value as JSON shows it: integers beyond 2^53, NaN and infinities as text, times in ISO 8601. */
export type ShownValue = string | number | boolean | null;

/** Characters of a text that are shown. */
const SHOWN = 200;

export function shownValue(cell: string): ShownValue {
  const text = cell.slice(1);
  switch (cell.charAt(0)) {
    case 'n': {
      const value = Number(text);
      const rounded = /^-?\d+$/.test(text) && !Number.isSafeInteger(value);
      return Number.isFinite(value) && !rounded ? value : text;
    }
    case 'd': {
      const date = new Date(Number(text));
      return Number.isNaN(date.getTime()) ? Number(text) : date.toISOString();
    }
    case 'b':
      return text === '"true"';
    case 'v':
      return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
    case 't': {
      // Written by `cellTexts` with `JSON.stringify`.
      const value = JSON.parse(text) as string;
      return value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value;
    }
    default:
      return null;
  }
}
