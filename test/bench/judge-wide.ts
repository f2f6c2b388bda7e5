import type { Column } from '../../src/stats/column.ts';
import { mergeProfiles } from '../../src/stats/merge-profiles.ts';
import type { TableProfile } from '../../src/stats/profile.ts';
import { xoshiro128 } from '../../src/stats/sampling/xoshiro128.ts';
import { createTableProfiler } from '../../src/stats/table-profiler.ts';
import { compareProfiles } from '../../src/stats/verdict/compare-profiles.ts';
import { judge } from '../../src/stats/verdict/judge.ts';
import { judgeProfiles } from '../../src/stats/verdict/judge-profiles.ts';
import type { BenchOptions } from './main.ts';
import { interleave, medianRatio, sink } from './measure.ts';
import type { BenchResult } from './report.ts';
import { drawColumn, KINDS } from './truth-columns.ts';

const COLUMNS = 1000;
const REFERENCE_ROWS = 10_000;
/** A day of hourly summaries. */
const PARTS = 24;
const PART_ROWS = 250;

type Table = { readonly columns: readonly Column[]; readonly profile: TableProfile };

/** A verdict over a thousand columns from summaries that were made as rows came, against one from the rows themselves. */
export async function benchWideVerdict({ quick }: Pick<BenchOptions, 'quick'>): Promise<BenchResult> {
  const reference = drawTable(REFERENCE_ROWS, 0);
  const parts = Array.from({ length: PARTS }, (_, i) => drawTable(PART_ROWS, i + 1));
  const window = drawTable(PARTS * PART_ROWS, PARTS + 1);
  const sides = reference.profile.columns.map((profile, k) => ({
    ...{ name: profile.name, role: 'feature' as const, profile },
    ...{ reference: reference.columns[k] ?? null, window: window.columns[k] ?? null },
  }));
  const { summaries, rows } = await interleave(
    {
      summaries: async () => {
        const merged = mergeProfiles(...parts.map(({ profile }) => profile));
        const compared = reference.profile.columns.map((column, k) => compareProfiles(column, merged.columns[k]!));
        sink(judgeProfiles(compared).filter(({ verdict }) => verdict === 'drift').length);
        return undefined;
      },
      rows: async () => {
        sink(judge({ columns: sides }).dataset.drifted);
        return undefined;
      },
    },
    { rounds: quick ? 2 : 5 },
  );
  return {
    name: 'judge wide',
    what: `a verdict over ${COLUMNS} columns from ${PARTS} summaries, merging included`,
    unit: 'ms',
    value: summaries.median,
    aim: { at: 'most', value: 1000 },
    figures: {
      'best ms': summaries.min,
      'from the rows ms': rows.median,
      'rows / summaries': medianRatio(rows, summaries),
    },
  };
}

function drawTable(rows: number, seed: number): Table {
  const random = xoshiro128(7000 + seed);
  const columns = Array.from({ length: COLUMNS }, (_, k) =>
    drawColumn(KINDS[k % KINDS.length] ?? 'normal', rows, { random, moved: null }),
  );
  const profiler = createTableProfiler(columns.map(({ type }, k) => ({ name: `column ${k}`, type })));
  profiler.add({ rows, columns });
  return { columns, profile: profiler.finish() };
}
