import type { CensusRow } from './census.ts';
import { type Example, fitLogistic, type LogisticModel, probability } from './logistic-regression.ts';

/** "Is this person employed?", learnt from census rows: what a user's training script would make. */
export type EmploymentModel = {
  /** Probability of being employed, rounded to 6 digits as a served model would send it. */
  readonly score: (features: CensusRow['features']) => number;
};

const AGE_MEAN = 40;
const AGE_DEVIATION = 23;

/** Learns the categories it sees and fits; a category it has not seen counts as none. */
export function train(rows: readonly CensusRow[]): EmploymentModel {
  const inputs = new Map<string, number>();
  for (const row of rows) for (const key of categoriesOf(row.features)) inputs.set(key, inputs.get(key) ?? inputs.size);
  const encode = (features: CensusRow['features']): Example => ({
    active: Int32Array.from(categoriesOf(features).flatMap((key) => inputs.get(key) ?? [])),
    number: (Number(features.AGEP ?? AGE_MEAN) - AGE_MEAN) / AGE_DEVIATION,
  });
  const labels = Uint8Array.from(rows, (row) => row.employed);
  const model: LogisticModel = fitLogistic(
    rows.map((row) => encode(row.features)),
    labels,
    inputs.size,
  );
  return { score: (features) => Math.round(probability(model, encode(features)) * 1e6) / 1e6 };
}

/** Each code of a row, and its age in steps of five years: employment is no smooth function of age. */
function categoriesOf(features: CensusRow['features']): string[] {
  return Object.entries(features).map(([name, value]) =>
    name === 'AGEP' ? `AGEP~${Math.floor(Number(value ?? 0) / 5)}` : `${name}=${value ?? ''}`,
  );
}
