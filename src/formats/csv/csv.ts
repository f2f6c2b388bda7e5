/**
 * Delimited text → columns, in two passes over the bytes: the first decides every column's type from all of
 * its cells (a word in the last row makes the column text), the second fills typed batches. Nothing is held
 * but the current block and batch.
 */

import { columnPositions } from '../columns/batch-plan.ts';
import type { AskedTypes, TableReader } from '../table.ts';
import { csvBatches } from './batches.ts';
import { rowBlocks } from './blocks.ts';
import { type CsvSource, layoutOf } from './layout.ts';
import { checkRagged, raggedWarning } from './ragged.ts';
import { CsvScanner } from './scan.ts';
import { CsvSurvey } from './survey.ts';

/** Opens a text table: sniffs its dialect, then reads it once for the types. Throws `unreadable-data`. */
export async function openCsv(from: CsvSource, asked?: AskedTypes): Promise<TableReader> {
  const layout = await layoutOf(from);
  const survey = new CsvSurvey(layout.header.names.length);
  const scanner = new CsvScanner(layout.dialect, from.limits);
  for await (const block of rowBlocks(layout, scanner)) survey.add(block);
  const rows = scanner.rows - (layout.header.present ? 1 : 0);
  checkRagged(scanner, rows, layout.header.names.length);
  const fields = survey.fields(layout.header.names, asked);
  return {
    format: from.format,
    fields,
    rows,
    warnings: [
      ...layout.header.warnings,
      ...survey.warnings(fields, layout.writings),
      ...raggedWarning(scanner, fields.length),
    ],
    batches: (columns) => {
      const wanted = columnPositions(fields, columns).map((position) => ({ position, type: fields[position]!.type }));
      return csvBatches(rowBlocks(layout, new CsvScanner(layout.dialect, layout.limits)), wanted);
    },
    close: () => Promise.resolve(),
  };
}
