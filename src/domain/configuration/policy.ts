import type { StoredCalibration } from '../../../schemas/wire/calibrations.ts';
import { BESIDES } from '../../stats/verdict/calibration.ts';
import { presentMeasure } from '../../stats/verdict/former-measures.ts';
import { DEFAULT_POLICY } from '../../stats/verdict/judge.ts';
import { isBefore, type JudgeMethod } from '../../stats/verdict/judge-method.ts';
import type { JudgePolicy } from '../../stats/verdict/judgement.ts';
import { splitMeasures, standardTables } from '../../stats/verdict/table-measures.ts';
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
  const made = earlierOf(method, calibration);
  const tables = untold && knowsSlices(calibration) ? standardTables(made) : [];
  return {
    ...DEFAULT_POLICY,
    method: made,
    ...(widened && { besides: BESIDES }),
    alpha: config.alpha,
    minimumRows: config.minimum_rows,
    limits: config.effects,
    ...splitMeasures(config.measures ?? []),
    ...(untold && { tableMeasures: tables }),
    adjustment: config.adjustment ?? 'benjamini-hochberg',
    minimumDriftedColumns: config.alert.minimum_drifted_columns,
    minimumDriftedShare: 0,
    ...(calibration !== null && { calibration: presentScales(calibration) }),
  };
}

/** Limits by the names of the measures that are made now. */
function presentScales(calibration: StoredCalibration): StoredCalibration {
  const { scales, tables } = calibration;
  return {
    ...calibration,
    scales: Object.fromEntries(Object.entries(scales).map(([column, byMeasure]) => [column, byPresentName(byMeasure)])),
    ...(tables !== undefined && { tables: byPresentName(tables) }),
  };
}

const byPresentName = <T>(byMeasure: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(byMeasure).map(([measure, value]) => [presentMeasure(measure), value]));

const BEFORE_SLICES: readonly string[] = ['largest-column/conformal@1', 'largest-column/conformal@2'];

const knowsSlices = (calibration: StoredCalibration | null): boolean =>
  calibration === null || !BEFORE_SLICES.includes(calibration.method);

const BEFORE_UNSEEN: readonly string[] = [...BEFORE_SLICES, 'largest-column/conformal@3'];

/** Limits from before `judge@5` are of judgements of `judge@4`, which looked at less. */
const earlierOf = (method: JudgeMethod, calibration: StoredCalibration | null): JudgeMethod =>
  calibration === null || !BEFORE_UNSEEN.includes(calibration.method) || isBefore(method, 'judge@5')
    ? method
    : 'judge@4';
