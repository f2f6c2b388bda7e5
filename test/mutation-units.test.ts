import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
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
