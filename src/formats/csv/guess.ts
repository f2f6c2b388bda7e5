/** What the columns of a text table look like in a sample spread over the file. A guess: the whole file decides. */
import { isTidemarkError } from '../../errors.ts';
import type { ColumnType } from '../../stats/column.ts';
import { spreadSample } from '../byte-sample.ts';
import { type Layout, rowBlocks } from './blocks.ts';
import { CsvScanner } from './scan.ts';
import { CsvSurvey } from './survey.ts';

/** The types of the sample. Rows that cannot be read are no evidence here: reading the file will tell. */
export async function guessTypes(layout: Layout, path: string | null): Promise<ColumnType[]> {
  const survey = new CsvSurvey(layout.header.names.length);
  const headless: Layout = { ...layout, begins: 0, header: { ...layout.header, present: false } };
  for await (const { source, end, isHead } of spreadSample(layout.source, path)) {
    const found = new CsvSurvey(layout.header.names.length);
    const scanner = new CsvScanner(layout.dialect, layout.limits);
    const sampled = { ...(isHead ? layout : headless), source };
    try {
      for await (const block of rowBlocks(sampled, scanner, { start: 0, end })) found.add(block);
    } catch (error) {
      // A spot may begin inside quotes, and a row may be longer than the sample.
      if (!isTidemarkError(error)) throw error;
    }
    // Shifted cells would guess every column wrong.
    if (scanner.ragged <= 1) survey.absorb(found.found());
  }
  return layout.header.names.map((_, i) => survey.typeOf(i));
}
