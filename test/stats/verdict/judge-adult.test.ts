import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { judge } from '../../../src/stats/verdict/judge.ts';
import type { JudgeColumn } from '../../../src/stats/verdict/judgement.ts';
import { STANDARD_TABLE_MEASURES } from '../../../src/stats/verdict/table-measures.ts';
import { numbers, profileOf, texts } from '../columns.ts';

const DATA = new URL('../../../../shared/data/adult/', import.meta.url);
const NUMERIC = new Set([0, 2, 4, 10, 11, 12]);
const LABEL = 14;

function rowsOf(file: string): string[][] {
  const lines = readFileSync(new URL(file, DATA), 'utf8').split('\n');
  return lines.map((line) => line.split(',').map((cell) => cell.trim())).filter((row) => row.length === 15);
}

function columnsOf(reference: readonly string[][], window: readonly string[][]): JudgeColumn[] {
  return Array.from({ length: 15 }, (_, k) => {
    const of = (rows: readonly string[][]) => {
      const cells = rows.map((row) => (row[k] === '?' ? null : row[k]!));
      return NUMERIC.has(k) ? numbers(cells.map((cell) => (cell === null ? null : Number(cell)))) : texts(cells);
    };
    const name = `c${k}`;
    const [r, w] = [of(reference), of(window)];
    return { name, role: 'feature', profile: profileOf({ [name]: r }).columns[0]!, reference: r, window: w };
  });
}

describe.skipIf(!existsSync(DATA))('judge on the Adult census (skipped without ../shared/data/adult)', () => {
  it('finds the dot after the test file’s label, and nothing else', () => {
    const { columns, dataset } = judge({ columns: columnsOf(rowsOf('train.csv'), rowsOf('test.csv')) });
    expect(dataset.drifted).toBe(1);
    expect(columns.filter(({ verdict }) => verdict === 'drift').map(({ name }) => name)).toEqual([`c${LABEL}`]);
    expect(columns[LABEL]?.counts.window).toMatchObject({ rows: 16_281, unseen: 16_281 });
  });

  it('finds next to nothing in ten windows of 500 rows, the dot removed', () => {
    const train = rowsOf('train.csv');
    const test = rowsOf('test.csv').map((row) => row.map((cell) => cell.replace('K.', 'K')));
    const policy = { tableMeasures: STANDARD_TABLE_MEASURES };
    let windows = 0;
    for (let from = 0; from < 5_000; from += 500) {
      const { dataset } = judge({ columns: columnsOf(train.slice(0, 10_000), test.slice(from, from + 500)), policy });
      expect(dataset.judged).toBe(15);
      expect(dataset.reasons).not.toContain('whole_rows');
      if (dataset.drifted > 0) windows++;
    }
    // The false discovery rate allows one window in twenty. Education stands in the table twice, as a text and a number.
    expect(windows).toBeLessThanOrEqual(1);
  });
});
