import { MAX_EXAMPLES } from '../../../formats/prediction/misfits.ts';
import type { MisfitValue, ParsedRecords, RowViolation } from '../../../formats/prediction/record-types.ts';
import { rowsOf } from '../../../formats/prediction/violated-rows.ts';
import { shown } from '../../../formats/unreadable.ts';

/**
 * The records, with a violation for those that name a version which the model does not have. The name is kept as it was
 * sent: it is what there is to search by. Pure.
 */
export function withKnownVersions(
  parsed: ParsedRecords,
  given: { readonly versions: readonly string[] | null; readonly strict: boolean },
): ParsedRecords {
  const { versions, strict } = given;
  const column = parsed.batch.columns[parsed.fields.findIndex(({ name }) => name === 'model_version')];
  if (versions === null || column?.kind !== 'category') return parsed;
  const known = new Set(versions);
  const { codes, dictionary } = column;
  const unknown = new Set([...dictionary.keys()].filter((code) => !known.has(dictionary[code] ?? '')));
  if (unknown.size === 0) return parsed;
  const rows: number[] = [];
  codes.forEach((code, row) => {
    if (unknown.has(code)) rows.push(row);
  });
  if (rows.length === 0) return parsed;
  const nameIn = (row: number): string => shown(dictionary[codes[row] ?? -1] ?? '', 100);
  const violation: RowViolation = {
    column: 'model_version',
    code: 'unknown',
    count: rows.length,
    examples: rows.slice(0, MAX_EXAMPLES).map(nameIn),
    rows: rowsOf(rows, column.length),
  };
  const misfits = rows.map((row): MisfitValue => {
    return { row, column: 'model_version', expected: 'text', value: nameIn(row) };
  });
  return {
    ...parsed,
    violations: [...parsed.violations, violation],
    misfits: strict ? [...parsed.misfits, ...misfits] : parsed.misfits,
  };
}
