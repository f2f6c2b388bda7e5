import type { Knowledge } from '../../domain/dataset/read.ts';

export type ColumnProfile = Extract<Knowledge, { state: 'ready' }>['profile']['columns'][number];

/** What a small picture of a column shows: shares of its rows, and what each bar stands for. */
export type Bars = { readonly shares: readonly number[]; readonly labels: readonly string[] };

/** Bars of a column on two sides, bar for bar the same values. */
export type PairedShares = {
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly labels: readonly string[];
};
