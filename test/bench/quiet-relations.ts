import type { Column } from '../../src/stats/column.ts';
import { samplePair } from '../../src/stats/table/table-sample.ts';
import { conclude } from '../../src/stats/verdict/conclude.ts';
import { DEFAULT_POLICY } from '../../src/stats/verdict/judge.ts';
import type { JudgePolicy } from '../../src/stats/verdict/judgement.ts';
import { tableFindings } from '../../src/stats/verdict/table-findings.ts';
import { compare, dayOf, REFERENCE_DAYS, ROLES, type Setting, settingOf } from './quiet-setting.ts';
import type { BenchResult } from './report.ts';
import { type Change, COLUMN_NAMES } from './synthetic-year.ts';

const MEASURE = 'rank_correlations/largest-change@1';
const POLICY: JudgePolicy = { ...DEFAULT_POLICY, tableMeasures: [MEASURE] };
/** Columns 4 and 5 go together all at once, each with the values it always had. */
const TOGETHER: Change = { kind: 'correlation', column: 4, strength: 0.8 };
const LONGEST = 40;

/** Whether whole rows are what drifted, for a monitor that chose to look at how columns go together. */
function isFound(setting: Setting, window: readonly Column[]): boolean {
  const pair = COLUMN_NAMES.flatMap((name, i) => {
    const [reference, current] = [setting.reference.columns[i], window[i]];
    if (reference === undefined || current === undefined) return [];
    return samplePair(name, { reference, window: current }, COLUMN_NAMES.length) ?? [];
  });
  const found = {
    comparisons: compare(setting, setting.reference.columns, window),
    table: tableFindings(pair, [MEASURE]),
  };
  return conclude(ROLES, found, POLICY).dataset.reasons?.includes('whole_rows') ?? false;
}

/** How often healthy days of a seasonal year are said to go together otherwise, and how soon days that do are found. */
export function benchRelations(seeds: readonly number[], days: number): BenchResult {
  let alarms = 0;
  let delay = 0;
  for (const seed of seeds) {
    const setting = settingOf(seed);
    for (let day = REFERENCE_DAYS; day < REFERENCE_DAYS + days; day++) {
      if (isFound(setting, dayOf(setting, day, seed))) alarms++;
    }
    let n = 1;
    while (n < LONGEST && !isFound(setting, dayOf(setting, REFERENCE_DAYS + days + n, seed, TOGETHER))) n++;
    delay = Math.max(delay, n);
  }
  return {
    name: 'delay, correlation 0.8, by rank correlations',
    what: `the same for a monitor that chose to look at them; ${LONGEST}: it is not found`,
    unit: 'windows',
    value: delay,
    aim: null,
    figures: { 'false alarms': alarms, 'healthy days': days * seeds.length },
  };
}
