import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyRequest, defaultConfig } from '../../../src/domain/configuration/config.ts';
import { judgedColumns } from '../../../src/domain/configuration/judged-columns.ts';
import { policyOf } from '../../../src/domain/configuration/policy.ts';
import { repeatsBitmap } from '../../../src/domain/log/settle/repeats.ts';
import { columnGroups, type JudgeTaskInput, judgeTask } from '../../../src/domain/report/judge-task.ts';
import { encodeArrow } from '../../../src/formats/arrow/writer.ts';
import { openTable } from '../../../src/formats/table-reader.ts';
import type { Column } from '../../../src/stats/column.ts';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { createTableProfiler } from '../../../src/stats/table-profiler.ts';
import { vectors } from '../../stats/columns.ts';
import { localBatch } from '../../support/local-batch.ts';
import { makeRows, referenceCsv } from '../monitor/story.ts';

describe('groups of columns', () => {
  it('hold as many columns as the budget has room for', () => {
    expect(columnGroups(['a', 'b', 'c', 'd', 'e'], 10, 20)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    expect(columnGroups(['a', 'b'], 10, 1000)).toEqual([['a', 'b']]);
  });

  it('hold fewer of columns with many values in a row', () => {
    const width = (column: string) => column.length;
    expect(columnGroups(['a', 'bbb', 'c', 'ddddd', 'e'], 10, 40, width)).toEqual([
      ['a', 'bbb'],
      ['c'],
      ['ddddd'],
      ['e'],
    ]);
  });

  it('hold at least one column, and are at least one', () => {
    expect(columnGroups(['a', 'b'], 1000, 20)).toEqual([['a'], ['b']]);
    expect(columnGroups([], 10, 20)).toEqual([[]]);
  });
});

const numbers = (values: readonly number[], type: 'float64' | 'timestamp' = 'float64'): Column => {
  const slots = Float64Array.from(values);
  const base = { length: values.length, values: slots, valid: null };
  return type === 'timestamp' ? { kind: 'time', type, ...base } : { kind: 'number', type, ...base, exact: null };
};

describe('judging from files', () => {
  let folder: string;
  let input: JudgeTaskInput;
  const START = Date.UTC(2026, 0, 1);
  const HOUR = 3_600_000;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-judge-'));
    const file = join(folder, 'reference.csv');
    await writeFile(file, referenceCsv(makeRows(400, 1)));
    const table = await openTable(file);
    const profiler = createTableProfiler(table.fields);
    for await (const batch of table.batches()) profiler.add(batch);
    await table.close();
    const rows = makeRows(200, 2, 1);
    const batch = join(folder, 'batch.arrow');
    const dictionary = ['north', 'south', 'east'];
    const codes = Int32Array.from(rows, ({ region }) => dictionary.indexOf(region));
    const columns: [string, Column][] = [
      // The last hundred rows lie at the end of the window and after it, so they are no part of it.
      [
        'timestamp',
        numbers(
          rows.map((_, i) => START + (i < 100 ? 0 : HOUR) + i),
          'timestamp',
        ),
      ],
      ['feature.income', numbers(rows.map(({ income }) => income))],
      ['feature.region', { kind: 'category', type: 'text', length: rows.length, codes, dictionary }],
      ['score', numbers(rows.map(({ score }) => score))],
    ];
    const fields = columns.map(([name, column]) => ({ name, type: column.type }));
    await writeFile(batch, encodeArrow(fields, { rows: rows.length, columns: columns.map(([, column]) => column) }));
    const roles = { prediction: 'prediction', score: 'score', label: 'defaulted', ignore: [] };
    const config = applyRequest(defaultConfig({ task: 'binary', roles }), {});
    const profile = profiler.finish();
    input = {
      reference: { oid: 'reference', files: [{ path: 'reference.csv', file }], rows: 400, fresh: false },
      columns: judgedColumns(profile, config),
      batches: [{ file: localBatch(batch), repeats: repeatsBitmap(200, [0, 50, 150]), sequence: 1 }],
      rows: 98,
      span: { start: START, end: START + HOUR },
      policy: policyOf(config),
      segments: null,
      memoryBytes: 2 ** 28,
    };
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('takes the rows of the window and no repeats', async () => {
    const { batchRows, judgement } = await judgeTask(input);
    expect(batchRows).toEqual([98]);
    const verdicts = judgement.columns.map(({ name, verdict, counts }) => [name, verdict, counts.window.rows]);
    expect(verdicts).toEqual([
      ['income', 'drift', 98],
      // The batch has neither.
      ['age', 'not_comparable', 0],
      ['region', 'no_drift', 98],
      ['prediction', 'not_comparable', 0],
      ['score', 'no_drift', 98],
    ]);
  });

  it('finds the same whether it holds all columns at once, one at a time, or reads them anew', async () => {
    const whole = await judgeTask(input);
    expect(await judgeTask({ ...input, budget: 1 })).toEqual(whole);
    expect(await judgeTask({ ...input, reference: { ...input.reference, fresh: true } })).toEqual(whole);
    expect(await judgeTask(input)).toEqual(whole);
  });
});

describe('judging vectors from files', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tidemark-judge-vectors-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const START = Date.UTC(2026, 0, 1);
  const draw = (rows: number, seed: number, shift = 0): number[][] => {
    const random = xoshiro128(seed);
    return Array.from({ length: rows }, () => Array.from({ length: 6 }, () => normalDeviate(random) + shift));
  };

  /** A batch of an hour; without vectors it has none of the column. */
  async function batchFile(name: string, rows: number, emb: Column | null): Promise<string> {
    const times = numbers(
      Array.from({ length: rows }, (_, i) => START + i),
      'timestamp',
    );
    const columns: [string, Column][] = [['timestamp', times]];
    if (emb !== null) columns.push(['feature.emb', emb]);
    const fields = columns.map(([column, { type }]) => ({ name: column, type }));
    const file = join(folder, name);
    await writeFile(file, encodeArrow(fields, { rows, columns: columns.map(([, column]) => column) }));
    return file;
  }

  async function input(files: readonly string[]): Promise<JudgeTaskInput> {
    const file = join(folder, 'reference.ndjson');
    await writeFile(
      file,
      draw(400, 1)
        .map((emb, i) => JSON.stringify({ emb, y: i % 2 }))
        .join('\n'),
    );
    const table = await openTable(file);
    const profiler = createTableProfiler(table.fields);
    for await (const batch of table.batches()) profiler.add(batch);
    await table.close();
    const roles = { prediction: 'prediction', label: 'y', ignore: [] };
    const config = applyRequest(defaultConfig({ task: 'binary', roles }), {});
    return {
      reference: { oid: files.join(), files: [{ path: 'reference.ndjson', file }], rows: 400, fresh: false },
      columns: judgedColumns(profiler.finish(), config),
      batches: files.map((batch) => ({ file: localBatch(batch), repeats: null, sequence: 1 })),
      rows: 200,
      span: { start: START, end: START + 3_600_000 },
      policy: policyOf(config),
      segments: null,
      memoryBytes: 2 ** 28,
    };
  }

  const judged = async (...files: string[]) => (await judgeTask(await input(files))).judgement.columns[0];

  it('finds their drift, and the same however the rows lie in batches', async () => {
    const rows = draw(200, 2, 0.6);
    const whole = await judged(await batchFile('whole', 200, vectors(rows, 6)));
    expect(whole).toMatchObject({ name: 'emb', kind: 'vector', verdict: 'drift', counts: { window: { rows: 200 } } });
    const parts = await judged(
      await batchFile('first', 70, vectors(rows.slice(0, 70), 6)),
      await batchFile('second', 130, vectors(rows.slice(70), 6)),
    );
    expect(parts).toEqual(whole);
    expect(await judged(await batchFile('healthy', 200, vectors(draw(200, 3), 6)))).toMatchObject({
      verdict: 'no_drift',
    });
  });

  it('counts batches without them, and compares nothing with what is none', async () => {
    const half = await judged(
      await batchFile('with', 100, vectors(draw(100, 4), 6)),
      await batchFile('without', 100, null),
    );
    expect(half).toMatchObject({ verdict: 'drift', counts: { window: { rows: 200, nulls: 100 } } });
    const other = await judged(
      await batchFile(
        'longer',
        100,
        vectors(
          draw(100, 4).map((row) => [...row, 1]),
          7,
        ),
      ),
    );
    expect(other).toMatchObject({ verdict: 'not_comparable' });
    expect(other?.why).toContain('vector[7]');
  });
});
