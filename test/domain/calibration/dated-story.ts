import { DAY, day, MODEL, predictions, type Row, type Story, startStory } from '../monitor/story.ts';

export const MONITORS = `/v1/models/${MODEL}/monitors`;

/** The beginning of the story's nth day. */
export const iso = (n: number): string => new Date(day(n)).toISOString();

export type DatedStory = {
  /** Of the reference, before the story begins. */
  readonly referenceDays: number;
  /** Days of predictions. */
  readonly days: number;
  /** The rows of a day; those before the story have negative numbers. */
  readonly rowsOf: (n: number) => readonly Row[];
  /** What a day's predictions are instead, where they are not like the reference. */
  readonly moved: (n: number) => readonly Row[] | null;
  readonly monitors: readonly object[];
};

/** A story of a reference whose rows tell when they were, and of days whose windows are all judged. */
export async function startDatedStory({ referenceDays, days, rowsOf, moved, monitors }: DatedStory): Promise<Story> {
  const story = await startStory();
  const past = Array.from({ length: referenceDays }, (_, i) => i - referenceDays);
  const type = { 'content-type': 'text/csv' };
  const csv = referenceOf(past.map((n) => ({ n, rows: rowsOf(n) })));
  await story.call('POST', '/v1/datasets/credit/versions?path=train.csv', csv, type);
  await story.call('POST', '/v1/models', { name: MODEL, task: 'binary', positive_label: '1' });
  const roles = { prediction: 'prediction', score: 'score', label: 'defaulted' };
  await story.call('POST', `/v1/models/${MODEL}/versions`, { dataset: 'credit', ref: 'v1', roles });
  await story.drain();
  for (let n = 0; n < days; n++) {
    const rows = moved(n) ?? rowsOf(n);
    await story.log('predictions', predictions(rows, { id: `d${n}`, from: day(n), to: day(n + 1) }));
  }
  for (const monitor of monitors) {
    const made = await story.call('POST', MONITORS, monitor);
    if (made.status !== 201) throw new Error(JSON.stringify(made.body));
  }
  await story.call('POST', `/v1/models/${MODEL}/watermark`, { through: iso(days + 1) });
  await story.drain();
  return story;
}

function referenceOf(past: readonly { readonly n: number; readonly rows: readonly Row[] }[]): string {
  const lines = past.flatMap(({ n, rows }) =>
    rows.map(({ income, age, region, prediction, score }, i) => {
      const at = new Date(Math.floor(day(n) + (i * DAY) / rows.length)).toISOString();
      return [at, income, age ?? '', region, prediction, score, prediction].join(',');
    }),
  );
  return ['timestamp,income,age,region,prediction,score,defaulted', ...lines, ''].join('\n');
}
