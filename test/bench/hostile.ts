import { runHostile } from '../formats/hostile-run.ts';
import type { BenchOptions } from './main.ts';
import type { BenchResult } from './report.ts';

/** Thousands of broken files of every format, others on each day: how many end in neither a profile nor a clear error. */
export async function benchHostile({ folder, quick }: BenchOptions): Promise<BenchResult[]> {
  const mutants = quick ? 500 : 5_000;
  const seed = Number(process.env.HOSTILE_SEED ?? new Date().toISOString().slice(0, 10).replaceAll('-', ''));
  const { complaints, ...tally } = await runHostile({ folder, mutants, seed });
  for (const complaint of complaints) process.stderr.write(`${complaint}\n`);
  return [
    {
      name: 'hostile files',
      what: `of ${mutants.toLocaleString('en')} broken files those that end in no profile and no clear error, or with a wrong row count`,
      unit: 'files',
      value: complaints.length,
      aim: { at: 'most', value: 0 },
      figures: { seed, ...tally },
    },
  ];
}
