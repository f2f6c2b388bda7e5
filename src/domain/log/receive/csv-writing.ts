import { TidemarkError } from '../../../errors.ts';
import { columnWriting } from '../../../formats/csv/cell-writing.ts';
import type { RecordEncoding } from '../../../formats/prediction/record-types.ts';
import { csvReading, type SaidReading } from '../../../formats/table-file.ts';
import type { BatchRequest } from './batch-request.ts';

/**
 * What was said of how numbers and dates are written; null where nothing was.
 * @throws TidemarkError `bad-request` for rows that are no CSV, or what says no way to write numbers or dates.
 */
export function csvWritingOf(
  { decimal, thousands, dates, missing }: SaidReading,
  encoding: RecordEncoding,
): BatchRequest['csv'] {
  const csv = csvReading({ decimal, thousands, dates, missing });
  const [first] = Object.keys(csv);
  if (first === undefined) return null;
  if (encoding !== 'csv') {
    const detail = `"${first}" says how CSV is written, and the body is ${encoding}: send it as text/csv, or without "${first}".`;
    throw new TidemarkError('bad-request', detail);
  }
  // Before a byte of the body is read.
  columnWriting('', csv);
  return csv;
}
