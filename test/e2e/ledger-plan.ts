import { seeded } from './seeded.ts';

/** What producers send, the same in every run: rows are functions of their ids. */

export type Row = Readonly<Record<string, unknown>>;
export type Sending = { readonly kind: 'predictions' | 'labels'; readonly rows: readonly Row[] };

export const PRODUCERS = 4;
export const DAYS = 10;
const DAY = 86_400_000;
const FIRST_DAY = Date.UTC(2026, 0, 5);
const ROWS = 40;

/** What is known of an id without asking anybody. */
function values(id: string) {
  const random = seeded(hashOf(id));
  const income = Math.round(20_000 + 60_000 * random());
  const score = random();
  return { income, region: 'abcd'.charAt(Math.floor(4 * random())), score, actual: random() < score ? 1 : 0 };
}

export function trainingCsv(): string {
  const rows = Array.from({ length: 2000 }, (_, i) => {
    const { income, region, score, actual } = values(`train-${i}`);
    return `${income},${region},${score > 0.5 ? 1 : 0},${score},${actual}`;
  });
  return `income,region,prediction,score,target\n${rows.join('\n')}\n`;
}

const idOf = (producer: number, batch: number, row: number): string => `p${producer}-${batch}-${row}`;

function prediction(id: string, batch: number, batches: number, row: number): Row {
  const { income, region, score } = values(id);
  const late = row % 13 === 5 ? Math.min(batch, Math.ceil(batches / 5)) : 0;
  const day = ((batch - late) / batches) * DAYS;
  // In the last days incomes are higher: there is something to find.
  const moved = day > 0.7 * DAYS ? 1.6 : 1;
  return {
    prediction_id: id,
    timestamp: new Date(Math.floor(FIRST_DAY + day * DAY + row * 1000)).toISOString(),
    features: { income: Math.round(income * moved), region },
    prediction: score > 0.5 ? 1 : 0,
    scores: score,
  };
}

const predictionsOf = (producer: number, batch: number, batches: number): Row[] =>
  Array.from({ length: ROWS }, (_, row) => prediction(idOf(producer, batch, row), batch, batches, row));

/** Every other producer says when its labels were given, and then they may come in any order. */
const saysWhen = (producer: number): boolean => producer % 2 === 1;

/** Labels of three rows in four, as they are given at first, or as they are corrected later: those of some were wrong. */
const labelsOf = (producer: number, batch: number, given: 'first' | 'corrected'): Sending => {
  const day = given === 'first' ? DAYS : DAYS + 1;
  const time = saysWhen(producer) ? { timestamp: new Date(FIRST_DAY + day * DAY + batch).toISOString() } : {};
  const rows = Array.from({ length: ROWS }, (_, row) => row)
    .filter((row) => row % 4 !== 3)
    .map((row) => {
      const id = idOf(producer, batch, row);
      const { actual } = values(id);
      const wrong = given === 'first' && row % 10 === 0;
      return { prediction_id: id, label: wrong ? 1 - actual : actual, ...time };
    });
  return { kind: 'labels', rows };
};

/**
 * What one producer sends, in its order: batches with rows that it or its neighbour sent before, rows out of order, rows
 * of earlier days, labels before their predictions, labels that are corrected later, and such that come when those that
 * correct them are there already.
 */
export function planOf(producer: number, batches: number): Sending[] {
  const random = seeded(7919 * (producer + 1));
  const plan: Sending[] = [];
  for (let batch = 0; batch < batches; batch++) {
    const rows = predictionsOf(producer, batch, batches);
    const labels = labelsOf(producer, batch, saysWhen(producer) && batch % 6 === 1 ? 'corrected' : 'first');
    if (batch % 5 === 0) plan.push(labels);
    if (batch > 0 && batch % 3 === 0) rows.push(...predictionsOf(producer, batch - 1, batches).slice(0, 10));
    const neighbour = (producer + 1) % PRODUCERS;
    if (batch > 0 && batch % 4 === 0) rows.push(...predictionsOf(neighbour, batch - 1, batches).slice(10, 20));
    plan.push({ kind: 'predictions', rows: shuffled(rows, random) });
    if (batch % 5 !== 0) plan.push(labels);
    if (batch < 2) continue;
    plan.push(labelsOf(producer, batch - 2, saysWhen(producer) && (batch - 2) % 6 === 1 ? 'first' : 'corrected'));
  }
  return plan;
}

/** What the ledger holds when everybody has sent everything: by id, the prediction and the latest label. */
export function expectedLedger(batches: number): Map<string, { readonly row: Row; readonly label: string | null }> {
  const expected = new Map<string, { row: Row; label: string | null }>();
  for (let producer = 0; producer < PRODUCERS; producer++) {
    const plan = planOf(producer, batches);
    const labels = new Map<unknown, { readonly label: string; readonly given: string }>();
    for (const { kind, rows } of plan) {
      if (kind !== 'labels') continue;
      for (const { prediction_id: id, label, timestamp = '' } of rows) {
        // What was given before the one that is known has come too late.
        if (String(timestamp) < (labels.get(id)?.given ?? '')) continue;
        labels.set(id, { label: String(label), given: String(timestamp) });
      }
    }
    for (let batch = 0; batch < batches; batch++) {
      for (const row of predictionsOf(producer, batch, batches)) {
        const id = String(row.prediction_id);
        expected.set(id, { row, label: labels.get(id)?.label ?? null });
      }
    }
  }
  return expected;
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const list = [...items];
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j] as T, list[i] as T];
  }
  return list;
}

function hashOf(text: string): number {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  return hash >>> 0;
}
