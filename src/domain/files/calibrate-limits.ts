import { TidemarkError } from '../../errors.ts';
import { selectRows } from '../../formats/columns/select-rows.ts';
import type { Column } from '../../stats/column.ts';
import type { ColumnProfile } from '../../stats/profile.ts';
import type { Calibration, JudgePolicy } from '../../stats/verdict/judgement.ts';
import { LimitCalibration } from '../../stats/verdict/limit-calibration.ts';
import { readReference, type SharedColumn } from './compare-part.ts';
import type { LocalProfile } from './profile-files.ts';

export type FoundLimits = {
  readonly falseAlarms: number;
  readonly calibration: Calibration;
  /** Rows of each side of a pair of samples. */
  readonly rows: { readonly reference: number; readonly window: number };
};

type Given = {
  readonly reference: LocalProfile;
  readonly current: LocalProfile;
  readonly shared: readonly SharedColumn<ColumnProfile>[];
  readonly policy: JudgePolicy;
  /** The share of healthy tables that may alarm; null for the limits of the policy. */
  readonly falseAlarms: number | null;
};

/**
 * Limits at which the asked-for share of healthy tables alarms, from samples of the reference; null where none is asked for.
 * @throws TidemarkError `bad-request` where the reference has too few rows to draw from.
 */
export function calibrateLimits({ reference, current, shared, policy, falseAlarms }: Given): FoundLimits | null {
  if (falseAlarms === null) return null;
  const [n, m] = [reference.profile.rows, current.profile.rows];
  if (Math.min(n, m) < policy.minimumRows) {
    throw new TidemarkError(
      'bad-request',
      `Limits are found out from at least ${policy.minimumRows} rows of each side; there are ${n} and ${m}.`,
    );
  }
  const calibration = new LimitCalibration(policy, { rate: falseAlarms, n, m, take: takeRows });
  for (const column of shared) {
    // Vectors keep their own limits: comparing them hundreds of times would take hours.
    if (column.reference.kind === 'vector') continue;
    const { name, reference: profile, asCategory } = column;
    calibration.add({ name, role: 'feature', profile, asCategory, reference: readReference(column), window: null });
  }
  return { falseAlarms, calibration: calibration.finish(), rows: calibration.rows };
}

function takeRows(column: Column, rows: Int32Array): Column {
  const [taken] = selectRows({ rows: column.length, columns: [column] }, rows).columns;
  if (taken === undefined) throw new Error('a batch of one column gives one');
  return taken;
}
