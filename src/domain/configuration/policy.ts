import type { StoredCalibration } from '../../../schemas/wire/calibrations.ts';
import { BESIDES } from '../../stats/verdict/calibration.ts';
import { DEFAULT_POLICY } from '../../stats/verdict/judge.ts';
import { isBefore, type JudgeMethod } from '../../stats/verdict/judge-method.ts';
import type { JudgePolicy } from '../../stats/verdict/judgement.ts';
import { STANDARD_TABLE_MEASURES, splitMeasures } from '../../stats/verdict/table-measures.ts';
import type { MonitorConfig } from './config.ts';

/**
 * How a verdict is reached under a configuration. `calibration`: the limits that were made for it; null where there are none
 * or they are to be made. With limits of an earlier method a report is made as it was by that method, as by an earlier way
 * of judging.
 */
export function policyOf(
  config: MonitorConfig,
  calibration: StoredCalibration | null = null,
  method: JudgeMethod = DEFAULT_POLICY.method,
): JudgePolicy {
  const untold = config.measures === undefined;
  const widened = untold && config.false_alarms !== undefined && calibration?.method !== 'largest-column/conformal@1';
  const sliced = untold && knows(calibration, 'slices') && !isBefore(method, 'judge@4');
  const unseen = knows(calibration, 'unseen') && !isBefore(method, 'judge@5');
  return {
    ...DEFAULT_POLICY,
    method: unseen || isBefore(method, 'judge@5') ? method : 'judge@4',
    ...(widened && { besides: BESIDES }),
    alpha: config.alpha,
    minimumRows: config.minimum_rows,
    limits: config.effects,
    ...splitMeasures(config.measures ?? []),
    ...(sliced && { tableMeasures: STANDARD_TABLE_MEASURES }),
    adjustment: config.adjustment ?? 'benjamini-hochberg',
    minimumDriftedColumns: config.alert.minimum_drifted_columns,
    minimumDriftedShare: 0,
    ...(calibration !== null && { calibration }),
  };
}

const MADE_BEFORE: Readonly<Record<'slices' | 'unseen', readonly string[]>> = {
  slices: ['largest-column/conformal@1', 'largest-column/conformal@2'],
  unseen: ['largest-column/conformal@1', 'largest-column/conformal@2', 'largest-column/conformal@3'],
};

/** Whether limits were made since that was looked at; where there are none nothing keeps from it. */
const knows = (calibration: StoredCalibration | null, what: keyof typeof MADE_BEFORE): boolean =>
  calibration === null || !MADE_BEFORE[what].includes(calibration.method);
