import { lastingNumberLoops } from '../../compute/number-loops.ts';
import { concatenate } from '../../formats/columns/concatenate-columns.ts';
import type { Violation } from '../../formats/prediction/record-types.ts';
import { type Column, type ColumnType, dimensionOf } from '../../stats/column.ts';
import { MOST_VALUES } from '../../stats/sampling/vector-sample.ts';
import type { Judgement, JudgePolicy } from '../../stats/verdict/judgement.ts';
import { WholeTable } from '../../stats/verdict/whole-table.ts';
import type { JudgedColumn } from '../configuration/judged-columns.ts';
import type { segmentKeys } from '../configuration/segments-config.ts';
import { middleSequence } from '../log/prepare/logged-columns.ts';
import { type ReferenceFiles, referenceColumns } from '../reference/reference-columns.ts';
import { type JudgedSegments, SegmentedTable, withoutValues } from '../segment/judge-segments.ts';
import { type BatchFile, type Span, type WindowColumns, windowColumns } from './window-columns.ts';

export type JudgeTaskInput = {
  readonly reference: PinnedFiles | LoggedRows;
  readonly columns: readonly JudgedColumn[];
  /** In order of settlement. */
  readonly batches: readonly (BatchFile & { readonly sequence: number })[];
  /** Rows of the window, to plan by. */
  readonly rows: number;
  readonly span: Span;
  readonly policy: JudgePolicy;
  /** Null: all rows alone. */
  readonly segments: SegmentsWanted | null;
  /** Bytes of memory that a native reader may take. */
  readonly memoryBytes: number;
  /** Values held at a time; `BUDGET` when absent. */
  readonly budget?: number;
};

/** What tells segments apart, how many of each are judged, and how. */
type SegmentsWanted = {
  readonly keys: ReturnType<typeof segmentKeys>;
  readonly most: number;
  readonly policy: JudgePolicy;
};

/** `fresh`: read it again, whatever is kept. */
type PinnedFiles = ReferenceFiles & { readonly rows: number; readonly fresh: boolean };

/** Rows of other windows to compare with. `rows`: how many, to plan by. */
type LoggedRows = { readonly batches: readonly BatchFile[]; readonly spans: readonly Span[]; readonly rows: number };

export type JudgeTaskOutput = {
  /** Rows taken of each batch, in the order given. */
  readonly batchRows: readonly number[];
  /** Rows taken of each batch of the reference; empty where it is a version. */
  readonly referenceRows: readonly number[];
  /** What the rows taken of each batch broke; null where its object does not keep it. */
  readonly violations: readonly (readonly Violation[] | null)[];
  readonly judgement: Judgement;
  /** By key; empty where none were asked for. */
  readonly segments: readonly JudgedSegments[];
};

/** Values held at a time, reference and window together: 128 MiB of doubles, and as much again sorted. */
const BUDGET = 2 ** 24;

/**
 * Compute task: judges a window against its reference from their bytes. Columns are read in groups that fit the
 * budget, so memory grows with the rows of a few columns, never with the width of the table.
 * @throws TidemarkError `unreadable-data`.
 */
export async function judgeTask(input: JudgeTaskInput): Promise<JudgeTaskOutput> {
  const rows = input.reference.rows + input.rows;
  // Of vectors a sample is held.
  const slotsOf = ({ profile }: JudgedColumn): number =>
    Math.max(1, Math.min(dimensionOf(profile.type), (2 * MOST_VALUES) / rows));
  const groups = columnGroups(input.columns, rows, input.budget, slotsOf);
  const whole = new WholeTable(input.policy, input.columns.length, lastingNumberLoops());
  const segmented = await openSegments(input);
  let batchRows: readonly number[] = input.batches.map(() => 0);
  let referenceRows: readonly number[] = [];
  let violations: JudgeTaskOutput['violations'] = input.batches.map(() => null);
  let tags: readonly string[] = [];
  for (const group of groups) {
    const { rows: takenRows, columns: reference } = await readReference(input, group, groups.length === 1);
    const window = await windowColumns(input.batches, [input.span], group.map(loggedColumn));
    referenceRows = takenRows;
    batchRows = window.rows;
    violations = window.violations;
    tags = window.tags;
    const middle = middleSequence(input.batches.map(({ sequence }, i) => ({ sequence, rows: window.rows[i] ?? 0 })));
    group.forEach(({ name, role, profile, asCategory, since }, i) => {
      // A column that began later, with the window half come, is no column that the window lost.
      const unlogged = since === null || since > middle;
      const sides = { reference: reference[i] ?? null, window: window.columns[i] ?? null };
      const column = { name, role, profile, asCategory, unlogged, ...sides };
      whole.add(column);
      segmented?.add(column);
    });
  }
  const segments = segmented?.conclude() ?? [];
  const judged = whole.judged();
  const drifted = judged.dataset.verdict === 'drift';
  const besides = input.policy.slices && drifted ? await tellingApart(input, tags) : [];
  const judgement = input.policy.slices ? whole.sliced(judged, besides) : judged;
  return { batchRows, referenceRows, violations, judgement, segments };
}

/** Tags that are looked at. */
const MOST_TAGS = 20;

/**
 * Logged columns that are not judged and may tell which rows carry the drift: the tags, with the segment, and the model
 * version. A reference that is no log has none of them: then rows of the window alone are left out by them.
 */
async function tellingApart({ batches, span, reference }: JudgeTaskInput, tags: readonly string[]) {
  const names = ['model_version', ...tags.slice(0, MOST_TAGS)];
  const logged = names.map((name) => ({ logged: name, type: 'text' as const }));
  const window = await windowColumns(batches, [span], logged);
  const earlier =
    'batches' in reference
      ? await windowColumns(reference.batches, reference.spans, logged)
      : { rows: [], columns: [] };
  const referenceRows = 'batches' in reference ? earlier.rows.reduce((a, b) => a + b, 0) : reference.rows;
  return names.flatMap((name, i) => {
    const column = window.columns[i];
    if (column == null) return [];
    return [{ name: plainName(name), reference: earlier.columns[i] ?? withoutValues(referenceRows), window: column }];
  });
}

/** As people ask for it: `segment`, `tags.app`. */
const plainName = (logged: string): string =>
  logged === 'tag.segment' ? 'segment' : logged.replace(/^tag\./, 'tags.');

/** Reads what tells segments apart, which every group of columns is then divided by. */
async function openSegments(input: JudgeTaskInput): Promise<SegmentedTable | null> {
  const { segments, reference, batches, span, columns } = input;
  if (segments === null || segments.keys.length === 0) return null;
  const { keys, most, policy } = segments;
  const logged = keys.map((key) => ({ logged: key.logged, type: key.profile?.type ?? ('text' as const) }));
  const window = await windowColumns(batches, [span], logged);
  const known =
    'batches' in reference
      ? (await windowColumns(reference.batches, reference.spans, logged)).columns
      : await pinnedKeys(reference, input);
  const sides = keys.map(({ by }, i) => ({ by, reference: known[i] ?? null, window: window.columns[i] ?? null }));
  return new SegmentedTable(sides, { policy, columns: columns.length, most });
}

/** Those that a version does not have are none of its columns. */
async function pinnedKeys(
  reference: PinnedFiles,
  { segments, memoryBytes }: JudgeTaskInput,
): Promise<readonly (Column | null)[]> {
  const wanted = (segments?.keys ?? []).map(({ profile }) => profile);
  const present = wanted.flatMap((profile) => profile ?? []);
  const read = await referenceColumns(
    reference,
    present.map(({ name, type }) => ({ name, type })),
    { keep: !reference.fresh, memoryBytes },
  );
  let next = 0;
  return wanted.map((profile) => (profile === null ? null : (read[next++] ?? null)));
}

const noRows = (type: ColumnType): Column => concatenate([], type);

const loggedColumn = ({ logged, profile }: JudgedColumn) => ({ logged, type: profile.type });

async function readReference(
  { reference, memoryBytes }: JudgeTaskInput,
  group: readonly JudgedColumn[],
  alone: boolean,
): Promise<Pick<WindowColumns, 'rows' | 'columns'>> {
  if ('batches' in reference) {
    // Without any window to compare with there are no rows, not no columns.
    if (reference.batches.length === 0) return { rows: [], columns: group.map(({ profile }) => noRows(profile.type)) };
    return windowColumns(reference.batches, reference.spans, group.map(loggedColumn));
  }
  const wanted = group.map(({ name, profile }) => ({ name, type: profile.type }));
  const columns = await referenceColumns(reference, wanted, { keep: alone && !reference.fresh, memoryBytes });
  return { rows: [], columns };
}

/**
 * Runs of columns whose values fit the budget; always at least one run, which counts the rows.
 * @param slotsOf values of a column in a row
 */
export function columnGroups<C>(
  columns: readonly C[],
  rows: number,
  budget = BUDGET,
  slotsOf: (column: C) => number = () => 1,
): C[][] {
  const width = Math.max(1, Math.floor(budget / Math.max(1, rows)));
  const groups: C[][] = [[]];
  let used = 0;
  for (const column of columns) {
    const slots = slotsOf(column);
    if (used > 0 && used + slots > width) {
      groups.push([]);
      used = 0;
    }
    groups.at(-1)?.push(column);
    used += slots;
  }
  return groups;
}
