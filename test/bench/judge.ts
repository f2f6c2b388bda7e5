import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultConfig } from '../../src/domain/configuration/config.ts';
import { judgedColumns } from '../../src/domain/configuration/judged-columns.ts';
import { policyOf } from '../../src/domain/configuration/policy.ts';
import { prepareBatch } from '../../src/domain/log/prepare/prepare-batch.ts';
import { profileFile } from '../../src/domain/profile/profile-file.ts';
import { referenceColumns } from '../../src/domain/reference/reference-columns.ts';
import { type JudgeTaskInput, judgeTask } from '../../src/domain/report/judge-task.ts';
import { windowColumns } from '../../src/domain/report/window-columns.ts';
import { localBatch } from '../support/local-batch.ts';
import { censusPredictions, ndjson, trainingCsv } from './census-rows.ts';
import { benchWideVerdict } from './judge-wide.ts';
import type { BenchOptions } from './main.ts';
import { interleave, medianRatio, sink } from './measure.ts';
import type { BenchResult } from './report.ts';

const READER_BYTES = 2 ** 30;
const REFERENCE_ROWS = 68_000;
const WINDOW_ROWS = 5000;
const BATCH_ROWS = 1000;

/** The compute task of a window, against reading its two sides with the same readers. */
export async function benchJudge({ folder, quick }: BenchOptions): Promise<BenchResult[]> {
  const input = await judgeInput(folder);
  const { judge, kept, read } = await interleave(
    {
      judge: async () => {
        sink((await judgeTask(input)).judgement.dataset.verdict);
        return undefined;
      },
      kept: async () => {
        const warm = { ...input, reference: { ...input.reference, fresh: false } };
        await judgeTask(warm);
        const started = performance.now();
        sink((await judgeTask(warm)).judgement.dataset.judged);
        return performance.now() - started;
      },
      read: () => readSides(input),
    },
    { rounds: quick ? 3 : 10 },
  );
  return [
    {
      name: 'judge',
      what: `judging ${WINDOW_ROWS} rows x ${input.columns.length} columns against ${REFERENCE_ROWS} / reading both sides`,
      unit: '×',
      value: medianRatio(judge, read),
      aim: null,
      figures: {
        'judge ms': judge.median,
        'best ms': judge.min,
        'read ms': read.median,
        'reference kept ms': kept.median,
      },
    },
    await benchWideVerdict({ quick }),
  ];
}

async function judgeInput(folder: string): Promise<JudgeTaskInput> {
  const reference = join(folder, 'reference.csv');
  writeFileSync(reference, trainingCsv(censusPredictions(0, REFERENCE_ROWS)));
  const { table } = await profileFile({ file: reference, name: reference, memoryBytes: READER_BYTES, threads: 2 });
  const config = defaultConfig({ task: 'binary', roles: { prediction: 'prediction', score: 'score', ignore: [] } });
  const columns = judgedColumns(table, config);
  const expected = columns.map(({ logged, profile }) => [logged, profile.type] as const);
  const batches = Array.from({ length: WINDOW_ROWS / BATCH_ROWS }, (_, i) => {
    const file = join(folder, `batch-${i}.arrow`);
    const body = ndjson(censusPredictions(REFERENCE_ROWS + i * BATCH_ROWS, BATCH_ROWS));
    writeFileSync(file, batchObject(body, expected));
    return { file: localBatch(file), repeats: null, sequence: 1 };
  });
  return {
    reference: { oid: 'reference', files: [{ path: reference, file: reference }], rows: REFERENCE_ROWS, fresh: true },
    columns,
    batches,
    rows: WINDOW_ROWS,
    span: { start: 0, end: Number.MAX_SAFE_INTEGER },
    policy: policyOf(config),
    segments: null,
    memoryBytes: READER_BYTES,
  };
}

function batchObject(body: Uint8Array, expected: Parameters<typeof prepareBatch>[1]['expected']): Uint8Array {
  const prepared = prepareBatch(body, {
    kind: 'predictions',
    encoding: 'ndjson',
    epochUnit: null,
    csv: null,
    expected,
    known: [],
    labels: null,
    versions: null,
    maxLineBytes: 2 ** 20,
    maxRows: BATCH_ROWS,
    maxCells: 2 ** 20,
    strict: false,
    partial: false,
    now: Date.UTC(2026, 0, 1),
  });
  const [part] = prepared.parts;
  if (part === undefined || part.violations.length > 0) throw new Error('the generated batch was refused');
  return part.arrow;
}

async function readSides({ reference, columns, batches, span, memoryBytes }: JudgeTaskInput): Promise<undefined> {
  const wanted = columns.map(({ name, profile }) => ({ name, type: profile.type }));
  if ('files' in reference) sink((await referenceColumns(reference, wanted, { keep: false, memoryBytes })).length);
  const logged = columns.map((column) => ({ logged: column.logged, type: column.profile.type }));
  sink((await windowColumns(batches, [span], logged)).columns.length);
}
