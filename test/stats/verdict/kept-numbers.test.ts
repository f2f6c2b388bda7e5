import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FORMER_MEASURES } from '../../../src/stats/verdict/former-measures.ts';
import { MEASURE_NAMES } from '../../../src/stats/verdict/measures.ts';
import { TABLE_MEASURE_NAMES } from '../../../src/stats/verdict/table-measures.ts';
import { relativeError } from '../samples.ts';
import { type KeptNumbers, keptNumbers } from './kept-numbers.ts';

/** Written by test/fixtures/stats/generate_kept_numbers.ts, so its shape is known. */
const STORED: KeptNumbers = JSON.parse(
  readFileSync(new URL('../../fixtures/stats/kept-numbers.json', import.meta.url), 'utf8'),
);

const isSame = (now: number | null, stored: number | null): boolean =>
  now === null || stored === null
    ? now === stored
    : relativeError(now, stored) < 1e-9 || Math.abs(now - stored) < 1e-14;

it('a measure has the numbers that its name has had; others take another version and a line in FORMER_MEASURES', () => {
  const changed = Object.entries(keptNumbers()).flatMap(([pair, byMeasure]) =>
    Object.entries(byMeasure).flatMap(([measure, now]) => {
      const stored = STORED[pair]?.[measure];
      return now.every((number, i) => isSame(number, stored?.[i] ?? null)) ? [] : [{ pair, measure, now, stored }];
    }),
  );
  expect(changed).toEqual([]);
});

it('every measure but those of free text is kept, by its present name', () => {
  const kept = new Set(Object.values(STORED).flatMap((byMeasure) => Object.keys(byMeasure)));
  const all = [...MEASURE_NAMES, ...TABLE_MEASURE_NAMES].filter((name) => !name.startsWith('text/'));
  expect(all.filter((name) => !kept.has(name))).toEqual([]);
  expect(FORMER_MEASURES.filter((name) => kept.has(name))).toEqual([]);
});
