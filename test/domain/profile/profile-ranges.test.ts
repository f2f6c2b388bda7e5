import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type FileProfile, profileAndKeep, profileFile } from '../../../src/domain/profile/profile-file.ts';
import { profilePart } from '../../../src/domain/profile/profile-part.ts';
import { profileRanges } from '../../../src/domain/profile/profile-ranges.ts';
import { profileThreads } from '../../../src/domain/profile/profile-threads.ts';
import { lineRanges } from '../../../src/formats/byte-ranges.ts';
import { writeParquet } from '../../../src/formats/parquet/writer.ts';
import { planTable } from '../../../src/formats/range-reader.ts';
import { openTable } from '../../../src/formats/table-reader.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { createTableProfiler } from '../../../src/stats/table-profiler.ts';

function tempFile(name: string, content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-ranges-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

/** What the whole file is, read twice and in order. */
async function inOrder(path: string): Promise<FileProfile> {
  const table = await openTable(path);
  const profiler = createTableProfiler(table.fields);
  for await (const batch of table.batches()) profiler.add(batch);
  return { format: table.format, table: profiler.finish(), warnings: table.warnings };
}

const threads = profileThreads(3, { columns: 10 });

async function inRanges(
  path: string,
  count: number,
  lanes: number,
  onRows?: (rows: number) => void,
): Promise<FileProfile | null> {
  const planned = await planTable(path);
  const plan = { ...planned!, ranges: lineRanges(path, statSync(path).size, count) };
  const found = await profileRanges(plan, { lanes, run: lanes > 1 ? threads : profilePart, onRows });
  return found && { format: plan.format, table: found.table, warnings: found.settled.warnings };
}

/** All but floating-point sums, which depend on their order in the last places. */
function settledParts(profile: FileProfile | null) {
  const columns = profile?.table.columns.map((column) =>
    column.kind === 'number' ? { ...column, moments: column.moments?.n } : column,
  );
  return { ...profile, table: { ...profile?.table, columns } };
}

const rows = Array.from({ length: 30_000 }, (_, i) => ({
  id: i,
  city: ['Bern', 'Basel, BS', 'Zürich'][i % 3]!,
  amount: i % 50 === 0 ? '' : (Math.sin(i) * 1000).toFixed(i % 4),
  late: i < 29_990 ? i % 7 : 'word',
  at: new Date(1.7e12 + i * 60_000).toISOString(),
}));
const csv = `id,city,amount,late,at\n${rows.map((r) => `${r.id},"${r.city}",${r.amount},${r.late},${r.at}`).join('\n')}\n`;
const ndjson = rows.map((r) => JSON.stringify({ ...r, amount: r.amount === '' ? null : Number(r.amount) })).join('\n');

describe('a profile in ranges', () => {
  it.each([
    ['t.csv', csv],
    ['t.ndjson', ndjson],
  ])('of %s is the profile in order, to the last digit the same however many threads there are', async (name, text) => {
    const path = tempFile(name, text);
    const one = await inRanges(path, 20, 1);
    const two = await inRanges(path, 20, 2);
    expect(two).toEqual(one);
    expect(settledParts(one)).toEqual(settledParts(await inOrder(path)));
    expect(settledParts(await inRanges(path, 1, 1))).toEqual(settledParts(await inOrder(path)));
  });

  it.each([
    ['csv', 70],
    ['csv', 200],
    ['ndjson', 70],
    ['ndjson', 200],
  ])('of a wide %s of %d columns is the same however many threads there are', async (format, columns) => {
    const random = xoshiro128(columns);
    const names = Array.from({ length: columns }, (_, j) => `c${j}`);
    const lines = Array.from({ length: 1_000 }, () => {
      const row = names.map((_, j) => (j % 10 === 0 ? Math.floor(5 * random()) : 1000 + random()));
      return format === 'csv' ? row.join(',') : JSON.stringify(Object.fromEntries(row.map((v, j) => [names[j]!, v])));
    });
    const path = tempFile(`wide.${format}`, [...(format === 'csv' ? [names.join(',')] : []), ...lines, ''].join('\n'));
    const profiles = new Set<string>();
    for (const lanes of [1, 2, 3]) profiles.add(JSON.stringify(await inRanges(path, 6, lanes)));
    expect(profiles.size).toBe(1);
    expect([...profiles][0]).toContain('"rows":1000');
  });

  it('tells before its end that the last part has been begun, where threads read it', async () => {
    const path = tempFile('t.csv', csv);
    const planned = await planTable(path);
    const plan = { ...planned!, ranges: lineRanges(path, statSync(path).size, 20) };
    for (const lanes of [1, 2]) {
      const before: number[] = [];
      let read = 0;
      const onRows = (more: number): number => (read += more);
      const onLastPart = (): number => before.push(read);
      await profileRanges(plan, { lanes, run: lanes > 1 ? threads : profilePart, onRows, onLastPart });
      expect(read).toBe(rows.length);
      expect(before.length > 0 && before[0]! < rows.length).toBe(lanes > 1);
    }
  });

  it('falls back to reading in order when a line end lies inside quotes', async () => {
    const lines = Array.from({ length: 40_000 }, (_, i) => `${i},"${`one,${i}\n`.repeat(30)}"`);
    const path = tempFile('t.csv', `a,b\n${lines.join('\n')}\n`);
    const told: number[] = [];
    const input = { file: path, name: path, memoryBytes: 2 ** 28, threads: 2 };
    const { kept: _, ...found } = await profileAndKeep(input, { onRows: (more) => told.push(more) });
    expect(found).toEqual(await inOrder(path));
    expect(found.table.rows).toBe(40_000);
    // What the ranges had counted is taken back.
    expect(told.some((more) => more < 0)).toBe(true);
    expect(told.reduce((sum, more) => sum + more, 0)).toBe(40_000);
  });

  it('tells a broken row by its place in the file, not in a range', async () => {
    const lines = Array.from({ length: 1_000_000 }, (_, i) => `${i},"x"`);
    lines[500_000] = '1,"x"y';
    const path = tempFile('t.csv', `a,b\n${lines.join('\n')}\n`);
    await expect(profileFile({ file: path, name: path, memoryBytes: 2 ** 28, threads: 2 })).rejects.toMatchObject({
      code: 'unreadable-data',
      message: expect.stringMatching(/^Row 500002 has text after a closing quote/),
    });
  });
});

describe('a table of ten thousand columns', () => {
  const width = 10_000;
  const wordAt = 9_999;
  const cell = (row: number, i: number): string => {
    if (i === wordAt) return row === 2_499 ? 'word' : String(row);
    return i % 10 === 0 ? ['red', 'green', '?'][row % 3]! : String((row * i) % 97);
  };
  const line = (row: number, from: number, to: number): string =>
    Array.from({ length: to - from }, (_, k) => cell(row, from + k)).join(',');
  const wide = (rowCount: number, from: number, to: number): string =>
    `${Array.from({ length: to - from }, (_, k) => `c${from + k}`).join(',')}\n${Array.from({ length: rowCount }, (_, row) => line(row, from, to)).join('\n')}\n`;

  it('is profiled in groups as each of its columns is alone, its warnings told once', async () => {
    const path = tempFile('t.csv', wide(60, 0, width));
    const input = { file: path, name: path, memoryBytes: 2 ** 28, threads: 2 };
    const told: number[] = [];
    const found = await profileAndKeep(input, { onRows: (more) => told.push(more) });
    expect(found.table.columns).toHaveLength(width);
    expect(Math.round(told.reduce((sum, more) => sum + more, 0))).toBe(60);
    expect(found.warnings.filter(({ code }) => code === 'missing-marks')).toHaveLength(width / 10);
    for (const from of [0, 4_990, 9_990]) {
      const part = tempFile('part.csv', wide(60, from, from + 10));
      expect(found.table.columns.slice(from, from + 10)).toEqual((await inOrder(part)).table.columns);
    }
  });

  it('has a column of the last group read again that a word near the end makes text', async () => {
    const path = tempFile('t.csv', wide(2_500, wordAt - 4_999, width));
    const plan = await planTable(path);
    expect(plan?.fields.at(-1)?.type).toBe('int64');
    const { table } = await profileFile({ file: path, name: path, memoryBytes: 2 ** 28, threads: 2 });
    expect(table.columns.at(-1)).toMatchObject({
      name: 'c9999',
      type: 'text',
      rows: 2_500,
      distinct: { value: 2_500 },
    });
  });
});

describe('the rows of a file that is being read', () => {
  it.each([1, 2])('are told as they are read, each once, with %i threads', async (lanes) => {
    const told: number[] = [];
    await inRanges(tempFile('t.csv', csv), 8, lanes, (more) => told.push(more));
    expect(told.length).toBeGreaterThan(4);
    expect(told.reduce((sum, more) => sum + more, 0)).toBe(rows.length);
  });

  it('are those of one column where columns are read at once', async () => {
    const count = 400_000;
    const wide = Array.from({ length: count }, (_, i) => `${i},${i % 7},${i % 11},${i % 13},${i % 17},${i % 19}`);
    const text = tempFile('wide.csv', `a,b,c,d,e,f\n${wide.join('\n')}\n`);
    const table = await openTable(text);
    const file = `${text}.parquet`;
    await writeParquet(file, table.fields, table.batches());
    const told: number[] = [];
    const input = { file, name: file, memoryBytes: 2 ** 28, threads: 2 };
    const { table: profile } = await profileAndKeep(input, { onRows: (more) => told.push(more) });
    expect(profile.rows).toBe(count);
    expect(told.length).toBeGreaterThan(2);
    expect(told.reduce((sum, more) => sum + more, 0)).toBe(count);
  });
});
