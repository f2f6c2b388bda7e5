import type { Context } from '../context.ts';
import type { Tell } from './computation/carry-out.ts';

/**
 * What the compute children can do: name → a function of plain data and file paths. Each task is loaded when
 * it is first run, so the service itself never loads a parser.
 */
export const TASKS = Object.freeze({
  'profile-file': async (input: ProfileFileInput) => (await import('./profile/profile-file.ts')).profileFile(input),
  'relate-rows': async (input: RelateRowsInput) => (await import('./relations/relate-rows-task.ts')).relateRows(input),
  'parse-records': async (input: ParseRecordsInput) =>
    (await import('./log/prepare/parse-records-task.ts')).parseRecordsTask(input),
  'judge-window': async (input: JudgeTaskInput) => (await import('./report/judge-task.ts')).judgeTask(input),
  'resample-reference': async (input: ResampleTaskInput) =>
    (await import('./calibration/resample-task.ts')).resampleTask(input),
  'measure-performance': async (input: PerformanceTaskInput) =>
    (await import('./outcome/performance-task.ts')).performanceTask(input),
  'measure-reference': async (input: ReferencePerformanceInput) =>
    (await import('./reference/reference-performance-task.ts')).referencePerformanceTask(input),
  'estimate-performance': async (input: EstimateTaskInput) =>
    (await import('./performance/estimate-task.ts')).estimateTask(input),
  'learn-importance': async (input: ImportanceTaskInput) =>
    (await import('./performance/importance-task.ts')).importanceTask(input),
  'derive-rows': async (input: DeriveRowsInput, tell: Tell) =>
    (await import('./derivation/derive-rows-task.ts')).deriveRows(input, tell),
  'diff-rows': async (input: DiffRowsInput, tell: Tell) =>
    (await import('./row-diff/diff-rows-task.ts')).diffRows(input, tell),
  'compare-tables': async (input: CompareTablesInput, tell: Tell) =>
    (await import('./files/compare-tables-task.ts')).compareTables(input, tell),
  'compare-models': async (input: CompareTaskInput) =>
    (await import('./promotion/compare-task.ts')).compareModels(input),
  'derive-table': async (input: DeriveTaskInput) => (await import('./snapshot/derive-task.ts')).deriveTable(input),
  'write-predictions': async (input: WritePredictionsInput) =>
    (await import('./prediction/write-task.ts')).writePredictions(input),
});

type CompareTablesInput = import('./files/compare-tables-task.ts').CompareTablesInput;
type CompareTaskInput = import('./promotion/compare-task.ts').CompareTaskInput;
type DeriveRowsInput = import('./derivation/derive-rows-task.ts').DeriveRowsInput;
type DiffRowsInput = import('./row-diff/diff-rows-task.ts').DiffRowsInput;
type DeriveTaskInput = import('./snapshot/derive-task.ts').DeriveTaskInput;
type JudgeTaskInput = import('./report/judge-task.ts').JudgeTaskInput;
type PerformanceTaskInput = import('./outcome/performance-task.ts').PerformanceTaskInput;
type ImportanceTaskInput = import('./performance/importance-task.ts').ImportanceTaskInput;
type EstimateTaskInput = import('./performance/estimate-task.ts').EstimateTaskInput;
type ReferencePerformanceInput = import('./reference/reference-performance-task.ts').ReferencePerformanceInput;
type ResampleTaskInput = import('./calibration/resample-task.ts').ResampleTaskInput;
type ParseRecordsInput = import('./log/prepare/parse-records-task.ts').ParseRecordsInput;
type ProfileFileInput = import('./profile/profile-file.ts').ProfileFileInput;
type RelateRowsInput = import('./relations/relate-rows-task.ts').RelateRowsInput;
type WritePredictionsInput = import('./prediction/write-task.ts').WritePredictionsInput;

export type TaskName = keyof typeof TASKS;
/** Whoever sends rows waits until they are durable, and may not wait for a window to be judged. */
const WAITED_FOR: ReadonlySet<TaskName> = new Set(['parse-records']);

type TaskInput<N extends TaskName> = Parameters<(typeof TASKS)[N]>[0];
type TaskOutput<N extends TaskName> = Awaited<ReturnType<(typeof TASKS)[N]>>;

/**
 * Runs a task in a compute child.
 * @throws TidemarkError what the task threw; `unreadable-data` when it ran out of time or memory.
 */
export async function runTask<N extends TaskName>(
  ctx: Pick<Context, 'compute'>,
  name: N,
  input: TaskInput<N>,
  tell: Tell = () => {},
): Promise<TaskOutput<N>> {
  // The child runs `TASKS[name]`, which says how far it is by `tell` alone; its answer crosses as a structured clone.
  const onProgress = (progress: unknown): void => tell(progress as Parameters<Tell>[0]);
  return (await ctx.compute.run(name, input, { onProgress, waitedFor: WAITED_FOR.has(name) })) as TaskOutput<N>;
}
