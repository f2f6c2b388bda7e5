import { readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { type ParseRecordsInput, parseRecordsTask } from '../../../../src/domain/log/prepare/parse-records-task.ts';
import { decodeArrow } from '../../../../src/formats/arrow/arrow.ts';
import { encodeArrow } from '../../../../src/formats/arrow/writer.ts';
import { CodeSink, columnSink } from '../../../../src/formats/columns/column-sink.ts';
import { TextDictionary } from '../../../../src/formats/text/text-dictionary.ts';
import type { ColumnType } from '../../../../src/stats/column.ts';
import { tempFile, tempPath, valuesOf } from '../../../formats/fixtures.ts';

const NOW = Date.UTC(2026, 2, 1);
const ROWS = 50;

const OPTIONS = {
  kind: 'predictions',
  encoding: 'arrow',
  epochUnit: null,
  csv: null,
  expected: null,
  known: [],
  labels: null,
  versions: null,
  maxLineBytes: 10_000,
  maxRows: 5000,
  maxCells: 2 ** 20,
  strict: false,
  partial: false,
  now: NOW,
} as const;

const TYPES: Readonly<Record<string, ColumnType>> = {
  prediction_id: 'text',
  timestamp: 'timestamp',
  prediction: 'int64',
  age: 'int64',
};

function arrowBody(): Uint8Array {
  const columns = Object.entries(TYPES).map(([name, type]) => {
    const sink = columnSink(type, ROWS, new TextDictionary());
    for (let i = 0; i < ROWS; i++) {
      if (sink instanceof CodeSink) sink.codes[i] = sink.dictionary.codeOf(`p${i}`);
      else sink.values[i] = name === 'timestamp' ? NOW - i * 1000 : i;
    }
    return sink.finish(ROWS);
  });
  const fields = Object.entries(TYPES).map(([name, type]) => ({ name, type }));
  return encodeArrow(fields, { rows: ROWS, columns });
}

/** Files of its own, in a folder that is not there yet. */
function inputOf(body: ParseRecordsInput['body'], heldBytes: number): ParseRecordsInput {
  return { body, scratch: tempPath('tmp/scratch'), object: tempPath('tmp/object'), heldBytes, options: OPTIONS };
}

test('a body that came as it is gives the object that its file gives, and no file is left of it', async () => {
  const bytes = arrowBody();
  const given = inputOf({ bytes }, 2 ** 20);
  const made = await parseRecordsTask(given);
  expect(made).toEqual(await parseRecordsTask(inputOf({ file: tempFile(bytes, 'body') }, 2 ** 20)));
  const [part] = made.parts;
  if (part === undefined || !('arrow' in part)) throw new Error('the object is not answered as it is');
  const { fields, batch } = decodeArrow(part.arrow);
  expect(valuesOf(batch.columns[fields.findIndex(({ name }) => name === 'feature.age')]!)).toEqual(
    Array.from({ length: ROWS }, (_, i) => i),
  );
  expect(readdirSync(dirname(given.scratch))).toEqual([]);
  expect(() => readFileSync(given.object)).toThrow('ENOENT');
});

test('an object that is more than may be answered lies in the file of objects', async () => {
  const bytes = arrowBody();
  const held = await parseRecordsTask(inputOf({ bytes }, 2 ** 20));
  const given = inputOf({ bytes }, 100);
  const made = await parseRecordsTask(given);
  const [part] = made.parts;
  if (part === undefined || 'arrow' in part) throw new Error('the object is answered as it is');
  const placed = readFileSync(given.object).subarray(part.start, part.end);
  expect(held.parts[0]).toMatchObject({ rows: ROWS, arrow: new Uint8Array(placed) });
});

test('of a body that cannot be read no file is left', async () => {
  const given = inputOf({ bytes: new TextEncoder().encode('no arrow at all') }, 2 ** 20);
  await expect(parseRecordsTask(given)).rejects.toMatchObject({ code: 'unreadable-data' });
  expect(readdirSync(dirname(given.scratch))).toEqual([]);
});
