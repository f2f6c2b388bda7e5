import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Results } from './mutation/record.ts';
import RESULTS from './mutation/results.json' with { type: 'json' };
import { UNITS, WITHOUT_MUTANTS } from './mutation/units.ts';

const ROOT = new URL('../', import.meta.url);

const sources = readdirSync(new URL('src/stats/', ROOT), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => path.slice(0, -'.ts'.length))
  .sort();

describe('the units of mutation', () => {
  it('have every file of the statistics in one of them, or the reason why in none', () => {
    const named = [...Object.values(UNITS).flatMap((unit) => unit.sources), ...Object.keys(WITHOUT_MUTANTS)];
    expect(named.sort()).toEqual(sources);
  });

  it('have tests that there are', () => {
    const tests = Object.values(UNITS).flatMap((unit) => unit.tests.map((name) => `test/stats/${name}.test.ts`));
    expect(tests.filter((path) => !existsSync(new URL(path, ROOT)))).toEqual([]);
  });
});

describe('the record of mutation', () => {
  // Written by `mutation/record.ts`, so its shape is known.
  const folders = Object.entries(RESULTS as unknown as Results);

  it('has of every mutant that lives the reason why it may', () => {
    const unsaid = folders.flatMap(([, { files }]) =>
      Object.entries(files).flatMap(([file, { survivors }]) =>
        survivors.filter(({ why }) => why === null).map(({ place, mutation }) => `${file}:${place} ${mutation}`),
      ),
    );
    expect(unsaid).toEqual([]);
  });

  it('is of files that there are, and in each folder 85 % of the mutants were noticed', () => {
    const files = folders.flatMap(([, found]) => Object.keys(found.files).map((file) => file.replace(/\.ts$/, '')));
    expect(files.filter((file) => !sources.includes(file))).toEqual([]);
    expect(folders.filter(([, { score }]) => score < 85).map(([folder]) => folder)).toEqual([]);
  });
});
