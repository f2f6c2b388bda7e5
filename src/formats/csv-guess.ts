/** What the columns of a text table look like in a sample spread over the file. A guess: the whole file decides. */
import { isTidemarkError } from '../errors.ts';
import type { ColumnType } from '../stats/column.ts';
import { type ByteSource, bytesAt } from './byte-source.ts';
import { type Layout, rowBlocks } from './csv-blocks.ts';
import { CsvScanner } from './csv-scan.ts';
import { CsvSurvey } from './csv-survey.ts';
import { headBytes } from './text-encoding.ts';

const HEAD = 256 * 1024;
const SPOTS = 15;
const SPOT = 32 * 1024;

/** The types of the sample. Rows that cannot be read are no evidence here: reading the file will tell. */
export async function guessTypes(layout: Layout, path: string | null): Promise<ColumnType[]> {
  const survey = new CsvSurvey(layout.header.names.length);
  const { head, complete } = await headBytes(layout.source, HEAD);
  await addSample(survey, layout, { bytes: head, end: complete ? head.length : head.length / 2 });
  if (path !== null) {
    const step = (layout.source.size - head.length) / SPOTS;
    for (let k = 0; k < SPOTS && step > SPOT; k++) {
      const bytes = behindLineEnd(bytesAt(path, Math.floor(head.length + k * step), SPOT));
      await addSample(survey, withoutHeader(layout), { bytes, end: bytes.length / 2 });
    }
  }
  return layout.header.names.map((_, i) => survey.typeOf(i));
}

function withoutHeader(layout: Layout): Layout {
  return { ...layout, header: { ...layout.header, present: false } };
}

function behindLineEnd(bytes: Buffer): Buffer {
  const first = bytes.indexOf(10);
  return first < 0 ? bytes.subarray(0, 0) : bytes.subarray(first + 1);
}

/** Rows that begin before `end`; what follows is there to finish the last of them. */
type Sample = { readonly bytes: Buffer; readonly end: number };

async function addSample(survey: CsvSurvey, layout: Layout, { bytes, end }: Sample): Promise<void> {
  const source: ByteSource = {
    compression: 'none',
    size: bytes.length,
    async *pieces() {
      yield bytes;
    },
  };
  const found = new CsvSurvey(layout.header.names.length);
  const scanner = new CsvScanner(layout.dialect, layout.limits);
  try {
    for await (const block of rowBlocks({ ...layout, source }, scanner, { start: 0, end })) found.add(block);
  } catch (error) {
    // A spot may begin inside quotes, and a row may be longer than the sample.
    if (!isTidemarkError(error)) throw error;
  }
  // Shifted cells would guess every column wrong.
  if (scanner.ragged <= 1) survey.absorb(found.found());
}
