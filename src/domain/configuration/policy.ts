import type { StoredCalibration } from '../../../schemas/wire/calibrations.ts';
import { BESIDES } from '../../stats/verdict/calibration.ts';
import { DEFAULT_POLICY } from '../../stats/verdict/judge.ts';
import type { JudgePolicy } from '../../stats/verdict/judgement.ts';
import { splitMeasures } from '../../stats/verdict/table-measures.ts';
import type { MonitorConfig } from './config.ts';

/**
 * How a verdict is reached under a configuration. `calibration`: the limits that were made for it; null where there are none
 * or they are to be made. With limits of an earlier method a report is made as it was by that method.
 */
export function policyOf(config: MonitorConfig, calibration: StoredCalibration | null = null): JudgePolicy {
  const method = calibration?.method ?? 'largest-column/conformal@2';
  const widened = config.measures === undefined && config.false_alarms !== undefined && method.endsWith('@2');
  return {
    ...DEFAULT_POLICY,
    ...(widened && { besides: BESIDES }),
    alpha: config.alpha,
    minimumRows: config.minimum_rows,
    limits: config.effects,
    ...splitMeasures(config.measures ?? []),
    adjustment: config.adjustment ?? 'benjamini-hochberg',
    minimumDriftedColumns: config.alert.minimum_drifted_columns,
    minimumDriftedShare: 0,
    ...(calibration !== null && { calibration }),
  };
}
