/** Real files, column by column, against pandas and SciPy; the figures by test/fixtures/stats/generate_real.py. */
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CompareOptions, compareFiles } from '../../../src/domain/files/compare-files.ts';
import { localTable } from '../../../src/domain/files/local-table.ts';
import { profileFiles } from '../../../src/domain/files/profile-files.ts';
import type { ColumnProfile } from '../../../src/stats/profile.ts';
import { MEASURE_NAMES } from '../../../src/stats/verdict/measures.ts';

const DATA = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));
const READ = { memoryBytes: 2 ** 28, threads: 2 };

type Described = { readonly rows: number; readonly missing: number; readonly distinct: number; readonly most: number };
type Numbers = Described & {
  readonly zeros: number;
  readonly negatives: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly std: number;
  readonly skewness: number | null;
  readonly kurtosis: number | null;
  readonly quantiles: readonly number[];
};
type Texts = Described & {
  readonly lengths: { readonly min: number | null; readonly mean: number | null; readonly max: number | null };
  /** How often each value stands there, where there are few. */
  readonly counts: Readonly<Record<string, number>> | null;
};
type Chunks = { readonly threshold: number; readonly values: readonly number[]; readonly alerts: number };
type Figure = { readonly value: number | null; readonly p: number | null };

/** Written by the script named above, so its shape is known. */
const FIGURES: {
  readonly levels: readonly number[];
  readonly elec2_before: number;
  readonly files: Readonly<Record<string, Readonly<Record<string, Numbers | Texts>>>>;
  readonly pairs: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, Figure | null>>>>>>;
} = JSON.parse(readFileSync(new URL('../../fixtures/stats/real-figures.json', import.meta.url), 'utf8'));

/** Written by test/fixtures/stats/generate_census_nannyml.py, so its shape is known. */
const { defaults: NANNYML }: { readonly defaults: Readonly<Record<string, Chunks>> } = JSON.parse(
  readFileSync(new URL('../../fixtures/stats/census-nannyml.json', import.meta.url), 'utf8'),
);

/** What differs by more than the last digits, in words; an expectation for each of a thousand figures takes long. */
class Differences {
  readonly found: string[] = [];
  figures = 0;

  /** What is zero but for rounding (a symmetric column's skewness, two equal means) may differ by less than 1e-11. */
  add(where: string, ours: number | null | undefined, theirs: number | null, relative = 1e-9): void {
    this.figures++;
    if (ours === theirs) return;
    const near =
      typeof ours === 'number' &&
      theirs !== null &&
      Math.abs(ours - theirs) <= Math.max(relative * Math.abs(theirs), 1e-11);
    if (!near) this.found.push(`${where}: ${ours}, not ${theirs}`);
  }
}

function compareProfile(into: Differences, column: ColumnProfile, expected: Numbers | Texts): void {
  const { name } = column;
  const add = (what: string, ours: number | null | undefined, theirs: number | null, relative = 1e-9) =>
    into.add(`${name} ${what}`, ours, theirs, relative);
  add('rows', column.rows, expected.rows, 0);
  if (column.kind !== 'number' && column.kind !== 'category') throw new Error(`${name} is a ${column.kind}`);
  add('missing', column.nulls + (column.kind === 'number' ? column.nan : 0), expected.missing, 0);
  // Beyond the table of values the number of distinct ones is estimated, and says its standard error.
  add('distinct', column.distinct.value, expected.distinct, 4 * column.distinct.error);
  if (column.kind === 'number' && 'mean' in expected) {
    add('most', column.top.values[0]?.count ?? expected.most, expected.most, 0);
    for (const key of ['zeros', 'negatives', 'min', 'max'] as const) add(key, column[key], expected[key], 0);
    add('mean', column.moments?.mean, expected.mean, 1e-12);
    for (const key of ['std', 'skewness', 'kurtosis'] as const) add(key, column.moments?.[key], expected[key]);
    const quantiles = new Map(column.quantiles?.values.map(({ p, value }) => [p, value]));
    for (const [i, p] of FIGURES.levels.entries()) {
      add(`quantile ${p}`, quantiles.get(p), expected.quantiles[i]!, 1e-12);
    }
  } else if (column.kind === 'category' && 'lengths' in expected) {
    add('most', column.top.values[0]?.count ?? 0, expected.most, 0);
    for (const key of ['min', 'mean', 'max'] as const)
      add(`length ${key}`, column.lengths?.[key], expected.lengths[key]);
    const ours = new Map(column.top.values.map(({ value, count }) => [String(value), count]));
    for (const [value, count] of Object.entries(expected.counts ?? {})) add(`"${value}"`, ours.get(value), count, 0);
  } else into.found.push(`${name} is a ${column.kind}, not what pandas takes it for`);
}

describe.skipIf(!existsSync(DATA)).each(Object.keys(FIGURES.files))('%s (needs ../shared/data)', (file) => {
  it('has the profile that pandas makes of it', async () => {
    const { profile } = await profileFiles(await localTable(join(DATA, file)), READ);
    const expected = FIGURES.files[file]!;
    expect(profile.columns.map(({ name }) => name)).toEqual(Object.keys(expected));
    const differences = new Differences();
    for (const column of profile.columns) compareProfile(differences, column, expected[column.name]!);
    expect(differences.found).toEqual([]);
    expect(differences.figures).toBeGreaterThan(6 * profile.columns.length);
  });
});

describe.skipIf(!existsSync(DATA))('comparisons of real files (need ../shared/data)', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-real-'));
    const [names, ...rows] = readFileSync(join(DATA, 'elec2/elec2.csv'), 'utf8').trimEnd().split('\n');
    const before = FIGURES.elec2_before;
    await writeFile(join(folder, 'before.csv'), [names, ...rows.slice(0, before), ''].join('\n'));
    await writeFile(join(folder, 'after.csv'), [names, ...rows.slice(before), ''].join('\n'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const PAIRS: Readonly<Record<string, () => readonly [string, string]>> = {
    adult: () => [`${DATA}adult/train.csv`, `${DATA}adult/test.csv`],
    titanic: () => [`${DATA}titanic/titanic_reference.csv`, `${DATA}titanic/titanic_analysis.csv`],
    elec2: () => [join(folder, 'before.csv'), join(folder, 'after.csv')],
    census: () => [`${DATA}census-employment-ma/reference.parquet`, `${DATA}census-employment-ma/analysis.parquet`],
  };

  async function compared(
    pair: string,
    chosen: Pick<CompareOptions, 'include' | 'measures'> & Partial<CompareOptions>,
  ) {
    const [reference, current] = PAIRS[pair]!();
    return compareFiles(
      { reference: await localTable(reference), current: await localTable(current) },
      {
        ...READ,
        as: null,
        folder,
        segment: null,
        falseAlarms: null,
        exclude: [],
        categories: [],
        policy: {},
        ...chosen,
      },
    );
  }

  it('adult: the trailing dot on the label is found, and nothing else', async () => {
    const { judgement } = await compared('adult', { include: null, measures: null });
    expect(judgement.columns).toHaveLength(15);
    const drifted = judgement.columns.filter(({ verdict }) => verdict !== 'no_drift');
    expect(drifted.map(({ name, verdict }) => ({ name, verdict }))).toEqual([{ name: 'column_15', verdict: 'drift' }]);
  });

  it('census: in NannyML’s form every threshold and every chunk’s distance is NannyML’s', async () => {
    const { compat } = await compared('census', { include: Object.keys(NANNYML), measures: null, as: 'nannyml' });
    const differences = new Differences();
    expect(compat?.columns).toHaveLength(Object.keys(NANNYML).length);
    for (const { column, threshold, details } of compat?.columns ?? []) {
      const expected = NANNYML[column]!;
      differences.add(`${column} threshold`, threshold, expected.threshold);
      expect(details).toMatchObject({ chunks: expected.values.length, alerts: expected.alerts });
      for (const [i, value] of expected.values.entries()) {
        const ours = details[`chunk_${i}`];
        differences.add(`${column} chunk ${i}`, typeof ours === 'number' ? ours : null, value);
      }
    }
    expect(differences.found).toEqual([]);
  });

  it.each(Object.keys(PAIRS))(
    '%s: every test and distance is SciPy’s',
    async (pair) => {
      const expected = FIGURES.pairs[pair]!;
      const measures = new Set(Object.values(expected).flatMap((figures) => Object.keys(figures)));
      const { judgement } = await compared(pair, {
        include: Object.keys(expected),
        measures: MEASURE_NAMES.filter((name) => measures.has(name)),
      });
      const differences = new Differences();
      for (const { name, findings } of judgement.columns) {
        for (const { measure, value, p } of findings) {
          const figure = expected[name]?.[measure];
          if (figure === undefined || figure === null) continue;
          if (figure.value !== null) differences.add(`${name} ${measure}`, value, figure.value);
          if (figure.p !== null) differences.add(`${name} ${measure} p`, p, figure.p, 1e-7);
        }
      }
      expect(differences.found).toEqual([]);
      expect(differences.figures).toBeGreaterThan(5 * judgement.columns.length);
    },
    60_000,
  );
});
