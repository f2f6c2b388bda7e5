import type { Calibration, ColumnVerdict } from './judgement.ts';

/** A judged column, as far as it tells how plain its drift is. */
export type JudgedDrift = {
  readonly name: string;
  readonly verdict: ColumnVerdict;
  /** 0: it decides nothing. */
  readonly weight: number;
  readonly q: number | null;
  readonly effect: { readonly measure: string; readonly value: number; readonly limit: number } | null;
  /** The 95 % point of the effect without drift; null where it is not known, and its limit stands for it. */
  readonly null95: number | null;
};

/** What drift is held against: as the policy it was found by. */
export type RarityPolicy = {
  readonly alpha: number;
  readonly minimumDriftedColumns: number;
  readonly calibration?: Calibration | undefined;
};

/** What JSON can say of something that no limit would have hidden. */
const PLAIN = 1e300;

/**
 * How many times rarer than it was chosen drift could have been allowed by chance, and would still have been found; 0 where
 * it was not. With limits from healthy windows it is their tail that says so, taken for exponential as by `rarer`, else the
 * q-values: the level over them. `tables`: the q-values of the measures of whole rows that drifted.
 */
export function rarityOf(columns: readonly JudgedDrift[], tables: readonly number[], policy: RarityPolicy): number {
  const drifted = columns.filter(({ verdict, weight }) => verdict === 'drift' && weight > 0);
  const each = drifted.map((column) => rarityOfColumn(column, policy)).sort((a, b) => b - a);
  const together = each[Math.max(1, policy.minimumDriftedColumns) - 1] ?? 0;
  return Math.max(together, ...tables.map((q) => over(policy.alpha, q)));
}

const over = (level: number, q: number): number => (q > 0 ? Math.min(PLAIN, level / q) : PLAIN);

function rarityOfColumn({ name, q, effect, null95 }: JudgedDrift, { alpha, calibration }: RarityPolicy): number {
  if (calibration === undefined || effect === null) return over(alpha, q ?? 1);
  const { factor, perWindow } = calibration;
  const scales: Readonly<Record<string, Readonly<Record<string, number | undefined>>>> = calibration.scales;
  const made = null95 === null ? effect.limit : factor * (scales[name]?.[effect.measure] ?? 1) * null95;
  if (!(made > 0)) return PLAIN;
  return Math.min(PLAIN, Math.max(1, Math.exp((Math.abs(effect.value) / made - 1) * Math.log(1 / perWindow))));
}
