import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { resampleTask } from '../../src/domain/calibration/resample-task.ts';
import { referenceColumns } from '../../src/domain/reference/reference-columns.ts';
import { selectRows } from '../../src/formats/columns/select-rows.ts';
import { openTable } from '../../src/formats/table-reader.ts';
import type { Column } from '../../src/stats/column.ts';
import type { ColumnProfile } from '../../src/stats/profile.ts';
import { shuffledRows } from '../../src/stats/sampling/shuffle.ts';
import { xoshiro128 } from '../../src/stats/sampling/xoshiro128.ts';
import { createTableProfiler } from '../../src/stats/table-profiler.ts';
import { BESIDES, calibrate } from '../../src/stats/verdict/calibration.ts';
import { DEFAULT_POLICY, judge } from '../../src/stats/verdict/judge.ts';
import type { JudgePolicy } from '../../src/stats/verdict/judgement.ts';
import { STANDARD_TABLE_MEASURES, shareOfTables } from '../../src/stats/verdict/table-measures.ts';
import type { BenchOptions } from './main.ts';
import type { BenchResult } from './report.ts';

const REFERENCE = fileURLToPath(
  new URL('../../../shared/data/census-employment-ma/reference.parquet', import.meta.url),
);
/** No features: keys, and the label, which a window has not. */
const LEFT_OUT = new Set(['id', 'year', 'employed']);
const FILES = { oid: 'census', files: [{ path: 'reference.parquet', file: REFERENCE }] };
const MEMORY = 2 ** 28;
const WEEKS = 1000;
const WEEKS_A_YEAR = 52;
/** One false alarm a month. */
const CHOSEN = 12 / WEEKS_A_YEAR;
const RESAMPLES = 200;
/** As of a monitor that is told nothing: without event times slices have no limits made of healthy weeks. */
const STANDARD: JudgePolicy = { ...DEFAULT_POLICY, tableMeasures: STANDARD_TABLE_MEASURES };

type Table = {
  readonly rows: number;
  readonly columns: readonly Column[];
  readonly profiles: readonly ColumnProfile[];
};

/**
 * Healthy weeks of the real census: each is a week's share of the reference's rows, drawn without replacement and held
 * against all of them, by the standard limits (which promise alpha) and by limits for one false alarm a month. An alarm is a
 * window judged as drift. Left out without the data.
 */
export async function benchCensusWeeks({ quick }: BenchOptions): Promise<BenchResult[]> {
  if (!existsSync(REFERENCE)) return [];
  const table = await readReference();
  const weekRows = Math.round(table.rows / WEEKS_A_YEAR);
  const weeks = quick ? 100 : WEEKS;
  const rated = await ratedPolicy(table, weekRows, quick ? 50 : RESAMPLES);
  const alarms = { standard: 0, rated: 0 };
  for (let week = 0; week < weeks; week++) {
    const rows = shuffledRows(table.rows, xoshiro128(1_000_000 + week), weekRows);
    const window = selectRows(table, rows).columns;
    if (isDrift(table, window, STANDARD)) alarms.standard++;
    if (isDrift(table, window, rated)) alarms.rated++;
  }
  const result = (name: string, what: string, found: number, promised: number): BenchResult => ({
    name,
    what,
    unit: '×',
    value: found / (promised * weeks),
    aim: { at: 'most', value: 1 },
    figures: { alarms: found, weeks, promised: promised * weeks, 'rows a week': weekRows },
  });
  return [
    result(
      'census weeks, standard limits',
      'alarms of healthy weeks of the census / as many as alpha allows',
      alarms.standard,
      DEFAULT_POLICY.alpha,
    ),
    result('census weeks, one a month', 'the same, limits for one false alarm a month / chosen', alarms.rated, CHOSEN),
  ];
}

async function readReference(): Promise<Table> {
  const reader = await openTable(REFERENCE, { name: 'reference.parquet', memoryBytes: MEMORY });
  const fields = reader.fields.filter(({ name }) => !LEFT_OUT.has(name));
  await reader.close();
  const columns = await referenceColumns(FILES, fields, { keep: false, memoryBytes: MEMORY });
  const rows = columns[0]?.length ?? 0;
  const profiler = createTableProfiler(fields);
  profiler.add({ rows, columns });
  return { rows, columns, profiles: profiler.finish().columns };
}

/** Limits as a monitor finds them out. */
async function ratedPolicy({ rows, profiles }: Table, windowRows: number, resamples: number): Promise<JudgePolicy> {
  const policy: JudgePolicy = { ...STANDARD, besides: BESIDES };
  const { windows } = await resampleTask({
    reference: { ...FILES, rows },
    columns: profiles.map((profile) => ({
      name: profile.name,
      role: 'feature',
      profile,
      logged: profile.name,
      asCategory: false,
      since: 0,
    })),
    ...{ seasons: null, trailing: null, policy, resamples, windowRows, seed: 1, memoryBytes: MEMORY },
  });
  const perWindow = CHOSEN * (1 - shareOfTables(STANDARD_TABLE_MEASURES));
  return { ...policy, calibration: calibrate(windows, { perWindow, drifted: 1 }) };
}

function isDrift({ columns, profiles }: Table, window: readonly Column[], policy: JudgePolicy): boolean {
  const sides = profiles.map((profile, i) => ({
    ...{ name: profile.name, role: 'feature' as const, profile },
    ...{ reference: columns[i] ?? null, window: window[i] ?? null },
  }));
  return judge({ columns: sides, policy }).dataset.verdict === 'drift';
}
