import { expect, it } from 'vitest';
import { CodeSink, columnSink, ValueSink } from '../../../src/formats/columns/column-sink.ts';
import { gatherBatches } from '../../../src/formats/columns/gather-batches.ts';
import { TextDictionary } from '../../../src/formats/text/text-dictionary.ts';
import type { ColumnBatch, Field } from '../../../src/stats/column.ts';
import { once, type Value, valuesOf } from '../fixtures.ts';

const FIELDS: readonly Field[] = [
  { name: 'n', type: 'int64' },
  { name: 't', type: 'text' },
  { name: 'b', type: 'boolean' },
  { name: 'at', type: 'timestamp' },
];

/** Rows `from` to `to`, each third of them empty, with integers beyond 2^53 from row 10 on. */
function batch(from: number, to: number): ColumnBatch {
  const rows = to - from;
  const columns = FIELDS.map(({ type }) => {
    const sink = columnSink(type, rows, new TextDictionary());
    for (let i = 0; i < rows; i++) {
      const row = from + i;
      if (sink instanceof CodeSink) {
        if (row % 3 !== 0) sink.codes[i] = type === 'boolean' ? row % 2 : sink.dictionary.codeOf(`text ${row % 4}`);
      } else if (row % 3 === 0) sink.setNull(i);
      else if (sink instanceof ValueSink && type === 'int64' && row > 10) sink.setExact(i, 2n ** 60n + BigInt(row));
      else sink.values[i] = row;
    }
    return sink.finish(rows);
  });
  return { rows, columns };
}

const valuesOfAll = (batches: readonly ColumnBatch[]): Value[][] =>
  FIELDS.map((_, i) => batches.flatMap(({ columns }) => valuesOf(columns[i]!)));

it('small batches are joined, large ones pass as they are, and no row changes', async () => {
  const given = [batch(0, 3), batch(3, 4), batch(4, 9), batch(9, 17), batch(17, 19), batch(19, 20)];
  const gathered: ColumnBatch[] = [];
  for await (const made of gatherBatches(FIELDS, once(...given), 8)) gathered.push(made);
  expect(gathered.map(({ rows }) => rows)).toEqual([9, 8, 3]);
  expect(gathered[1]).toBe(given[3]);
  expect(valuesOfAll(gathered)).toEqual(valuesOfAll([batch(0, 20)]));
});
