import { encodeArrow } from '../../src/formats/arrow/writer.ts';
import { CodeSink, columnSink } from '../../src/formats/columns/column-sink.ts';
import { TextDictionary } from '../../src/formats/text/text-dictionary.ts';
import type { ColumnType, Field } from '../../src/stats/column.ts';
import { CENSUS_COLUMNS, type CensusPrediction, ndjson } from './census-rows.ts';

/** How a batch is written. */
export type Form = 'ndjson' | 'columns' | 'arrow';

export const CONTENT_TYPES: Readonly<Record<Form, string>> = {
  ndjson: 'application/x-ndjson',
  columns: 'application/json',
  arrow: 'application/vnd.apache.arrow.stream',
};

/** The batch as it is sent. */
export function formed(form: Form, rows: readonly CensusPrediction[]): Uint8Array {
  if (form === 'ndjson') return ndjson(rows);
  const columns = columnsOf(rows);
  if (form === 'columns') {
    return Buffer.from(
      JSON.stringify({ columns: Object.fromEntries(columns.map(({ name, values }) => [name, values])) }),
    );
  }
  const fields = columns.map(({ name, type }): Field => ({ name, type }));
  return encodeArrow(fields, { rows: rows.length, columns: columns.map(arrowColumn) });
}

type Values = { readonly name: string; readonly type: ColumnType; readonly values: readonly (string | number)[] };

function columnsOf(rows: readonly CensusPrediction[]): Values[] {
  const features = CENSUS_COLUMNS.map(([name, type]): Values => {
    const number: ColumnType = name === 'AGEP' ? 'int64' : 'float64';
    return { name, type: type === 'text' ? 'text' : number, values: rows.map((row) => row.features[name] ?? '') };
  });
  return [
    { name: 'prediction_id', type: 'text', values: rows.map((row) => row.prediction_id) },
    { name: 'timestamp', type: 'timestamp', values: rows.map((row) => row.timestamp) },
    { name: 'prediction', type: 'int64', values: rows.map((row) => row.prediction) },
    { name: 'score', type: 'float64', values: rows.map((row) => row.scores) },
    ...features,
  ];
}

function arrowColumn({ type, values }: Values) {
  const sink = columnSink(type, values.length, new TextDictionary());
  values.forEach((value, i) => {
    if (sink instanceof CodeSink) sink.codes[i] = sink.dictionary.codeOf(String(value));
    else sink.values[i] = type === 'timestamp' ? Date.parse(String(value)) : Number(value);
  });
  return sink.finish(values.length);
}
