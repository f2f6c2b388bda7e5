/** Predictions that look like those of a census model: 16 features of text codes and 2 numbers. */

/** Distinct values of each code. */
const CODES: Readonly<Record<string, number>> = {
  SCHL: 24,
  MAR: 5,
  RELP: 18,
  DIS: 2,
  ESP: 9,
  CIT: 5,
  MIG: 4,
  MIL: 5,
  ANC: 4,
  NATIVITY: 2,
  DEAR: 2,
  DEYE: 2,
  DREM: 3,
  SEX: 2,
  RAC1P: 9,
  STATE: 51,
};
const FIRST = Date.UTC(2018, 0, 1);

export type CensusFeatures = Readonly<Record<string, string | number>>;

export type CensusPrediction = {
  readonly prediction_id: string;
  readonly timestamp: string;
  readonly prediction: 0 | 1;
  readonly scores: number;
  readonly features: CensusFeatures;
};

/** The names of the features in their order, with the type of each. */
export const CENSUS_COLUMNS: readonly (readonly [string, 'text' | 'number'])[] = [
  ['AGEP', 'number'],
  ...Object.keys(CODES).map((name) => [name, 'text'] as const),
  ['WAGP', 'number'],
];

/** `count` predictions from number `from` on; the same numbers are the same predictions. */
export function censusPredictions(from: number, count: number): CensusPrediction[] {
  return Array.from({ length: count }, (_, i) => {
    const next = mulberry32(from + i + 1);
    const features: Record<string, string | number> = { AGEP: Math.floor(next() ** 1.2 * 95) };
    for (const [name, values] of Object.entries(CODES)) {
      features[name] = String(1 + Math.floor(next() ** 2 * values)).padStart(2, '0');
    }
    features.WAGP = Math.round(-Math.log(1 - next()) * 4_000_000) / 100;
    const score = next();
    return {
      prediction_id: `prediction-${String(from + i).padStart(9, '0')}`,
      timestamp: new Date(FIRST + (from + i) * 1000).toISOString(),
      prediction: score > 0.5 ? 1 : 0,
      scores: Math.round(score * 1e6) / 1e6,
      features,
    };
  });
}

/** The batch as it is sent. */
export function ndjson(rows: readonly unknown[]): Buffer {
  return Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

/** The features and the answers as a table that the model was trained on. */
export function trainingCsv(rows: readonly CensusPrediction[]): Buffer {
  const names = CENSUS_COLUMNS.map(([name]) => name);
  const lines = rows.map(({ features, prediction, scores }) =>
    [...names.map((name) => features[name]), prediction, scores].join(','),
  );
  return Buffer.from(`${[...names, 'prediction', 'score'].join(',')}\n${lines.join('\n')}\n`);
}

/** Tommy Ettinger's generator: 32 bits of state, uniform in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
