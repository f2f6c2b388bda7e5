import type { Column } from '../../src/stats/column.ts';
import { samplePair } from '../../src/stats/table/table-sample.ts';
import { judgeTable } from '../../src/stats/verdict/judge-table.ts';
import type { JudgePolicy } from '../../src/stats/verdict/judgement.ts';
import { tableFindings } from '../../src/stats/verdict/table-findings.ts';
import { shareOfTables } from '../../src/stats/verdict/table-measures.ts';
import {
  CHOSEN_A_DAY,
  dayOf,
  REFERENCE_DAYS,
  relationsOfPeriods,
  type Setting,
  settingOf,
  untold,
} from './quiet-setting.ts';
import type { BenchResult } from './report.ts';
import { COLUMN_NAMES } from './synthetic-year.ts';

const MEASURE = 'rank_correlations/largest-change@2';
/** How far columns 4 and 5 go together all at once, each with the values it always had. */
const STRENGTHS = [0.8, 0.5, 0.3] as const;
const LONGEST = 40;

/** Whether whole rows are what drifted, for a monitor that is told nothing. */
function isFound({ reference }: Setting, window: readonly Column[], policy: JudgePolicy): boolean {
  const pair = COLUMN_NAMES.flatMap((name, i) => {
    const [before, current] = [reference.columns[i], window[i]];
    if (before === undefined || current === undefined) return [];
    return samplePair(name, { reference: before, window: current }, COLUMN_NAMES.length) ?? [];
  });
  const [found] = judgeTable(tableFindings(pair, [MEASURE]), new Map(), policy);
  return found?.drift === true;
}

/** How often healthy days of a seasonal year are said to go together otherwise, and how soon days that do are found. */
export function benchRelations(seeds: readonly number[], days: number): BenchResult {
  let alarms = 0;
  const delays = STRENGTHS.map(() => 0);
  for (const seed of seeds) {
    const setting = settingOf(seed);
    const policy = untold(relationsOfPeriods(setting));
    for (let day = REFERENCE_DAYS; day < REFERENCE_DAYS + days; day++) {
      if (isFound(setting, dayOf(setting, day, seed), policy)) alarms++;
    }
    STRENGTHS.forEach((strength, i) => {
      const change = { kind: 'correlation', column: 4, strength } as const;
      let n = 1;
      while (n < LONGEST && !isFound(setting, dayOf(setting, REFERENCE_DAYS + days + n, seed, change), policy)) n++;
      delays[i] = Math.max(delays[i] ?? 0, n);
    });
  }
  return {
    name: 'delay, correlation 0.8, by rank correlations',
    what: `days until two columns that had nothing to do with each other are found to, by default; ${LONGEST}: they are not`,
    unit: 'windows',
    value: delays[0] ?? LONGEST,
    aim: { at: 'most', value: 2 },
    figures: {
      ...Object.fromEntries(STRENGTHS.map((strength, i) => [`correlation ${strength}`, delays[i] ?? LONGEST])),
      'false alarms': alarms,
      'healthy days': days * seeds.length,
      'chosen (a tenth)': days * seeds.length * CHOSEN_A_DAY * shareOfTables([MEASURE]),
    },
  };
}
