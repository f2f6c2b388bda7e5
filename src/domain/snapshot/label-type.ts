import type { ColumnType } from '../../stats/column.ts';

const WHOLE = /^(?:0|-?[1-9]\d*)$/;
const DECIMAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const TRUTH = /^(?:true|false)$/i;
/** Any decimal of this many digits comes back out of a double as it went in. */
const DOUBLE_DIGITS = 15;

const isWhole = (text: string): boolean => WHOLE.test(text) && Number.isSafeInteger(Number(text));

/** A number that a double tells apart from its neighbours: an identifier of twenty digits is none. */
function isDecimal(text: string): boolean {
  if (!DECIMAL.test(text)) return false;
  const value = Number(text);
  if (!Number.isFinite(value)) return false;
  return String(value) === text || text.replace(/[eE].*$/, '').replaceAll(/\D/g, '').length <= DOUBLE_DIGITS;
}

/**
 * The narrowest type that all labels are of; text when they are of none, or there is none. `007` is a text: as a
 * number it would lose its zeros. Depends on the different labels alone, not on their order. Pure.
 */
export function typeOfLabels(labels: Iterable<string>): ColumnType {
  const distinct = [...new Set(labels)];
  if (distinct.length === 0) return 'text';
  if (distinct.every((text) => TRUTH.test(text))) return 'boolean';
  if (distinct.every(isWhole)) return 'int64';
  return distinct.every(isDecimal) ? 'float64' : 'text';
}
