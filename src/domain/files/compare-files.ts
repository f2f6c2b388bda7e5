import { TidemarkError } from '../../errors.ts';
import { COMPAT_TOOLS, type CompatTool, concludeAs } from '../../stats/compat/compare-as.ts';
import type { CompatReport } from '../../stats/compat/finding.ts';
import type { ColumnProfile } from '../../stats/profile.ts';
import { DEFAULT_POLICY } from '../../stats/verdict/judge.ts';
import type { Judgement, JudgePolicy } from '../../stats/verdict/judgement.ts';
import { MEASURE_NAMES, MEASURES } from '../../stats/verdict/measures.ts';
import { type ChosenMeasures, splitMeasures, TABLE_MEASURE_NAMES } from '../../stats/verdict/table-measures.ts';
import { weightOf } from '../../stats/verdict/weights.ts';
import { WholeTable } from '../../stats/verdict/whole-table.ts';
import { measureNamed } from '../configuration/measure-names.ts';
import type { KeptColumns } from '../profile/kept-columns.ts';
import {
  type SegmentComparison,
  type SegmentJudging,
  type Segments,
  type SegmentsLeftOut,
  segmentsOf,
} from '../segment/segments.ts';
import { calibrateLimits, type FoundLimits } from './calibrate-limits.ts';
import { checkWeights } from './check-weights.ts';
import { addedColumns, chooseColumns, namesOf, sharedColumn } from './choose-columns.ts';
import { type ColumnFolder, withColumnFolder } from './column-folder.ts';
import type { ColumnOutline, ComparedTable } from './column-outline.ts';
import { type ComparedByColumn, compareByColumn } from './compare-by-column.ts';
import { compareInLanes } from './compare-lanes.ts';
import { type ComparePart, type CompareRequest, compareRead, readJudged, type SharedColumn } from './compare-part.ts';
import { type KeptSide, keptNameRows } from './key-columns.ts';
import type { LocalTable } from './local-table.ts';
import { namedLimits, nameOrRefuse } from './named-limits.ts';
import { csvOf, type KeptProfile, profileAndKeepFiles, type ReadOptions } from './profile-files.ts';
import { concludeSchema, retypedColumns, type SchemaChange } from './schema-change.ts';

export type Adjustment = JudgePolicy['adjustment'];

export type CompareOptions = ReadOptions & {
  /** Columns to compare; null for all of the reference's. */
  readonly include: readonly string[] | null;
  readonly exclude: readonly string[];
  /** Columns whose numbers are codes of classes. */
  readonly categories: readonly string[];
  /** Instead of the standard measures, by name; null for those. */
  readonly measures: readonly string[] | null;
  readonly policy: Partial<Omit<JudgePolicy, keyof ChosenMeasures>>;
  /** The share of healthy tables that may alarm, by which limits are found out from the reference; null for those of the policy. */
  readonly falseAlarms: number | null;
  /** A column whose values are judged apart as well; null for none. */
  readonly segment: string | null;
  /** Also say what this tool would. */
  readonly as: CompatTool | null;
  /** Where the columns of both tables wait to be compared; it has to have room for them. */
  readonly folder: string;
  /** Told once all is read, before so many columns are judged. */
  readonly onJudging?: ((columns: number) => void) | undefined;
};

export type FileComparison = {
  readonly reference: ComparedTable;
  readonly current: ComparedTable;
  readonly policy: JudgePolicy;
  /** How its limits were found out; null where they were given. */
  readonly calibration: FoundLimits | null;
  readonly judgement: Judgement;
  /** The same of the rows of each segment; null when no column was named to tell them apart by. */
  readonly segments: { readonly judged: readonly SegmentComparison[]; readonly leftOut: SegmentsLeftOut } | null;
  /** What the other tool says; null when none was asked for. */
  readonly compat: CompatReport | null;
  /** Columns that only the current table has. */
  readonly added: readonly string[];
  readonly change: SchemaChange;
  /** Columns of both that were left out, and why. */
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
};

type Sides = { readonly reference: LocalTable; readonly current: LocalTable };
type Both<T> = { readonly reference: T; readonly current: T };

/**
 * Judges one table against another from their bytes, by the rule that windows are judged by against the version a
 * model was trained on. Each file is read once; its columns wait in files of their own, so that memory grows with the
 * rows of a few columns.
 * @throws TidemarkError `unreadable-data`, `too-large`, or `bad-request` for a column or measure that there is not.
 */
export async function compareFiles(sides: Sides, options: CompareOptions): Promise<FileComparison> {
  const limits = namedLimits(options.policy.limits ?? {});
  const given = { ...DEFAULT_POLICY, ...options.policy, limits, ...chosenMeasures(options.measures ?? []) };
  checkLimits(given);
  checkWeights(given.weights);
  const alone = { ...options, policy: given };
  const found = isWhole(options) ? await compareByColumn(sides, options, alone) : null;
  if (found !== null) return concludeByColumn(found, given, options);
  return withColumnFolder(options.folder, async (folder) => {
    const [reference, current] = await readSides(sides, options, folder);
    // What cannot be read as the reference is told by how the current table was read.
    return compareProfiled({ reference, current }, given, { ...options, csv: csvOf(sides.current, options) });
  });
}

/** One table after the other, the second from when there is too little left of the first for all threads. */
async function readSides(sides: Sides, options: CompareOptions, folder: ColumnFolder) {
  const soon = Promise.withResolvers<void>();
  const keeping = { folder, counted: isWhole(options) };
  const reference = profileAndKeepFiles(sides.reference, { ...options, onLastPart: soon.resolve }, keeping);
  await Promise.race([soon.promise, reference]);
  const current = profileAndKeepFiles(sides.current, options, keeping);
  // After a failure nothing may run on: the folder is about to be removed.
  await Promise.allSettled([reference, current]);
  return Promise.all([reference, current]);
}

const NO_COLUMNS: KeptColumns = new Map();

/** Whether a column is compared once, without its rows being matched with those of another. */
const isWhole = ({ segment, falseAlarms }: CompareOptions): boolean => segment === null && falseAlarms === null;

function concludeByColumn(
  { reference, current, parts, keys }: ComparedByColumn,
  policy: JudgePolicy,
  options: CompareOptions,
): FileComparison {
  const sides = { reference: { ...reference, columns: NO_COLUMNS }, current: { ...current, columns: NO_COLUMNS } };
  const chosen = chooseColumns<ColumnOutline>(sides, options, ({ reference: { name } }) => keys.has(name));
  options.onJudging?.(chosen.shared.length);
  const partOf = ({ name }: SharedColumn): ComparePart => partNamed(name, parts);
  const others = options.as === null ? [] : chosen.leftOut.map(partOf);
  const compared = { ...chosen, parts: chosen.shared.map(partOf), others };
  return concludeTables(sides, { ...compared, policy, calibration: null, segments: null }, options);
}

function partNamed(name: string, parts: ReadonlyMap<string, ComparePart>): ComparePart {
  const part = parts.get(name);
  if (part === undefined) throw new Error(`column ${name} was not compared`);
  return part;
}

async function compareProfiled(
  { reference, current }: Both<KeptProfile>,
  given: JudgePolicy,
  options: CompareOptions,
): Promise<FileComparison> {
  const chosen = chooseColumns<ColumnProfile>({ reference, current }, options, (sides) =>
    keptNameRows(keptSide(reference, sides.reference), keptSide(current, sides.current)),
  );
  const { shared, leftOut } = chosen;
  const rows = reference.profile.rows + current.profile.rows;
  const compareColumns = (requests: readonly CompareRequest<ColumnProfile>[]) =>
    compareInLanes(requests, { threads: options.threads, rows });
  const calibration = calibrateLimits({ reference, current, shared, policy: given, falseAlarms: options.falseAlarms });
  const policy: JudgePolicy = calibration === null ? given : { ...given, calibration: calibration.calibration };
  // Columns are compared without their limits, which would be sent to the threads with every one of them.
  const requests = shared.map((column) => ({ column, policy: given, columns: shared.length, as: options.as }));
  const segments = openSegments({ reference, current }, { policy, options, columns: shared.length });
  options.onJudging?.(shared.length);
  const parts =
    segments === null
      ? await compareColumns(requests)
      : requests.map((request) => compareWithSegments(request, segments.judged));
  // A tool decides over all columns, whatever is left out here.
  const others =
    options.as === null
      ? []
      : await compareColumns(leftOut.map((column) => ({ column, policy: given, columns: 1, as: options.as })));
  return concludeTables({ reference, current }, { ...chosen, parts, others, policy, calibration, segments }, options);
}

const keptSide = ({ columns, counted }: KeptProfile, column: ColumnProfile): KeptSide => ({
  column,
  kept: columns.get(column.name) ?? [],
  counted,
});

type ComparedColumns = Pick<FileComparison, 'policy' | 'calibration' | 'skipped'> & {
  readonly shared: readonly SharedColumn[];
  /** By place in the shared ones, and of those that are left out, where another tool is asked too. */
  readonly parts: readonly ComparePart[];
  readonly others: readonly ComparePart[];
  readonly segments: Segments | null;
};

function concludeTables(
  { reference, current }: Both<ComparedTable>,
  { shared, parts, others, policy, calibration, segments, skipped }: ComparedColumns,
  options: CompareOptions,
): FileComparison {
  const whole = new WholeTable(policy, shared.length);
  for (const { compared } of parts) whole.take(compared);
  const judgement = whole.conclude();
  const change = {
    removed: removedColumns({ reference, current }, options),
    retyped: retypedColumns(shared, judgement, options.csv ?? {}),
  };
  return {
    reference: withoutColumns(reference),
    current: withoutColumns(current),
    policy,
    calibration,
    judgement: concludeSchema(judgement, counting(change, policy)),
    segments: segments && { judged: segments.judged.map((segment) => segment.finish()), leftOut: segments.leftOut },
    compat:
      options.as === null
        ? null
        : concludeAs(
            options.as,
            [...parts, ...others].flatMap(({ compat }) => compat ?? []),
          ),
    added: addedColumns({ reference, current }),
    change,
    skipped,
  };
}

/** What of a change is of columns that count. */
function counting({ removed, retyped }: SchemaChange, policy: JudgePolicy): SchemaChange {
  return {
    removed: removed.filter((name) => weightOf(policy, name) > 0),
    retyped: retyped.filter(({ name }) => weightOf(policy, name) > 0),
  };
}

/** The columns are gone once the tables were compared. */
function withoutColumns({ name, files, profile, warnings }: ComparedTable): ComparedTable {
  return { name, files, profile, warnings };
}

/** The column is read once for the whole and for all segments. */
function compareWithSegments(request: CompareRequest<ColumnProfile>, segments: readonly SegmentJudging[]): ComparePart {
  const column = readJudged(request.column);
  for (const segment of segments) segment.add(column);
  return compareRead(request, column);
}

/** The tool of this name. @throws TidemarkError `bad-request`, naming those that there are. */
export function compatTool(name: string): CompatTool {
  const tool = COMPAT_TOOLS.find((known) => known === name);
  if (tool !== undefined) return tool;
  throw new TidemarkError('bad-request', `"${name.slice(0, 100)}" is no tool; there are ${COMPAT_TOOLS.join(', ')}.`);
}

function checkLimits({ limits, measures, tableMeasures }: JudgePolicy): void {
  const idle =
    MEASURE_NAMES.find(
      (name) => limits[name] !== undefined && MEASURES[name].use === 'index' && measures?.includes(name) !== true,
    ) ?? TABLE_MEASURE_NAMES.find((name) => limits[name] !== undefined && !tableMeasures.includes(name));
  if (idle !== undefined) {
    const detail = `The limit on ${idle} would decide nothing: it is shown unless it is chosen. Name it among the measures too.`;
    throw new TidemarkError('bad-request', detail);
  }
}

/** @throws TidemarkError `bad-request` for a word that names no measure, or several. */
function chosenMeasures(given: readonly string[]): ChosenMeasures {
  return splitMeasures(given.map((word) => nameOrRefuse(word, measureNamed(word))));
}

/** Of the columns that are compared. */
function removedColumns({ reference, current }: Both<ComparedTable>, { include, exclude }: CompareOptions): string[] {
  const still = new Set(namesOf(current));
  return namesOf(reference).filter(
    (name) => !still.has(name) && !exclude.includes(name) && include?.includes(name) !== false,
  );
}

/** Segments, each with a share of alpha: all of them together alarm no more often than one table would. */
function openSegments(
  sides: Both<KeptProfile>,
  given: { readonly policy: JudgePolicy; readonly options: CompareOptions; readonly columns: number },
): Segments | null {
  const { policy, options, columns } = given;
  if (options.segment === null) return null;
  const { reference, window } = readJudged(sharedColumn(sides, options.segment, false));
  return segmentsOf({ reference, current: window }, { policy, columns });
}
