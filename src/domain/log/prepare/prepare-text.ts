import { parseRecords } from '../../../formats/prediction/rows.ts';
import { csvParts, ndjsonParts } from '../../../formats/text/text-parts.ts';
import { CollectedParts, type KeepPart } from './collect-parts.ts';
import { type Prepared, type PrepareOptions, recordOptions } from './prepare-records.ts';
import { rawRecords } from './raw-records.ts';

export type LinesOptions = PrepareOptions & { readonly encoding: 'ndjson' | 'csv' };

/** Some ten thousand rows, and a fraction of a second to settle. */
const PART_BYTES = 8 * 1024 ** 2;

/**
 * Turns a file of lines into what is stored of it, a part after another.
 * @throws TidemarkError as `prepareBatch`.
 */
export async function prepareText<P>(file: string, options: LinesOptions, keep: KeepPart<P>): Promise<Prepared<P>> {
  const { encoding, maxLineBytes } = options;
  const given = recordOptions(options);
  const collected = new CollectedParts<P>(options, keep);
  const partsOf = encoding === 'csv' ? csvParts : ndjsonParts;
  for (const { bytes, lineOffset } of partsOf(file, { partBytes: PART_BYTES, maxLineBytes, csv: options.csv ?? {} })) {
    await collected.add(parseRecords(bytes, encoding, given), {
      lineOffset,
      texts: (wanted) => rawRecords(bytes, { encoding, options: given }, wanted),
    });
  }
  return collected.result();
}
