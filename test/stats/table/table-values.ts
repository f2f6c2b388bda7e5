import { readFileSync } from 'node:fs';
import { encodeTables } from '../../../src/stats/table/encode-table.ts';
import type { TablePair } from '../../../src/stats/table/table-pair.ts';
import { numbers } from '../columns.ts';
import { type SampleSpec, sample } from '../samples.ts';

type ColumnSpec = Omit<SampleSpec, 'n'> & { readonly missing?: boolean };

type TableSpec = { readonly n: number; readonly mix: number; readonly columns: readonly ColumnSpec[] };

export type TableValues = {
  readonly name: string;
  readonly x: TableSpec;
  readonly y: TableSpec;
  /** Columns that vary in the reference. */
  readonly kept: number;
  /** Of each column of each side, in deviations of the reference. */
  readonly sums?: [number[], number[]];
  readonly mmd?: {
    readonly bandwidth: number;
    readonly between: [number, number];
    readonly quadratic: number;
    readonly featureDeviation: number;
    readonly linear: { readonly mmd2: number; readonly z: number; readonly p: number } | null;
    readonly features: {
      readonly mmd2: number;
      readonly nullMean: number;
      readonly null95: number;
      readonly p: number;
    };
  } | null;
  readonly pca?: {
    readonly components: number;
    readonly referenceError: number;
    readonly windowError: number;
    readonly superiority: number;
    readonly p: number;
    readonly shares: readonly number[];
  } | null;
  /** NannyML's error of the reference's second half, and of the window. */
  readonly nannyml?: [number, number] | null;
  /** The area under the ROC curve of other boosted trees. */
  readonly classifier: number | null;
};

type Values = {
  readonly tables: readonly TableValues[];
  readonly areas: readonly {
    readonly x: SampleSpec;
    readonly y: SampleSpec;
    readonly auc: number;
    readonly error?: number;
  }[];
};

/** Written by test/fixtures/stats/generate_tables.py, so its shape is known. */
export const TABLE_VALUES: Values = JSON.parse(
  readFileSync(new URL('../../fixtures/stats/table-values.json', import.meta.url), 'utf8'),
);

/** Twin of `rows` in test/fixtures/stats/generate_tables.py, column by column; null for one without values. */
function columnsOf({ n, mix, columns }: TableSpec): (Float64Array | null)[] {
  let first: Float64Array = new Float64Array(n);
  return columns.map((spec, j) => {
    if (spec.missing) return null;
    const values = sample({ n, ...spec });
    if (j === 0) first = values;
    return j === 0 || mix === 0 ? values : values.map((v, i) => v + mix * first[i]!);
  });
}

/** The tables of a pair, rebuilt. */
export function tablesOf({ x, y }: TableValues): TablePair {
  const [reference, window] = [x, y].map((spec) =>
    columnsOf(spec).map((column) =>
      numbers(column === null ? Array.from({ length: spec.n }, () => null) : [...column]),
    ),
  );
  return reference!.map((column, j) => ({ name: `c${j}`, reference: column, window: window![j]! }));
}

/** The same in deviations of the reference. */
export const encodedTablesOf = (values: TableValues) => encodeTables(tablesOf(values));
