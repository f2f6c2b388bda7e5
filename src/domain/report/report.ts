import type { StoredCalibration } from '../../../schemas/wire/calibrations.ts';
import type { DriftSlice, SlicesMethod } from '../../stats/table/drift-slices.ts';
import type { ColumnJudgement, Finding, JudgedBin, Judgement, TableFinding } from '../../stats/verdict/judgement.ts';
import { type Json, toJson } from '../canonical.ts';
import type { MonitorConfig } from '../configuration/config.ts';
import type { WindowBatch } from '../reference/batch-files.ts';
import type { ReferenceRows } from '../reference/resolve-reference.ts';
import type { JudgedSegments } from '../segment/judge-segments.ts';
import { describeChange } from './describe-change.ts';
import { segmentsBody } from './segments-body.ts';

/**
 * How what is known of the rows beside their values is told. `evidence@1`: violations of whole batches, and columns
 * begun by what a model's first batch lacked. `evidence@2`: violations of the window's own rows, and columns begun by
 * all that was settled until the window's middle row.
 */
export type EvidenceMethod = 'evidence@1' | 'evidence@2';

/** A report's body: plain JSON, stored as it is and compared by replays, so a change of meaning is a new name. */
const REPORT_FORMAT = 'tidemark.report/1';

/** A batch that gave rows. */
type ReportInput = { readonly batch: WindowBatch; readonly rows: number };

/** Windows whose rows were compared with, and the batches that gave them. */
type ReportReference = Omit<ReferenceRows, 'batches'> & { readonly inputs: readonly ReportInput[] };

export type Violation = {
  readonly column: string;
  readonly code: string;
  readonly count: number;
  readonly examples: readonly string[];
};

export type ReportParts = {
  readonly window: { readonly start: Date; readonly end: Date; readonly revision: number; readonly rows: number };
  readonly reference: {
    readonly dataset: string;
    readonly version: number;
    readonly oid: string;
    readonly rows: number;
  };
  /** The windows that stood in for the pinned version; null where it was compared with itself. */
  readonly compared: ReportReference | null;
  readonly configuration: {
    readonly revision: number;
    readonly effectiveFrom: Date | null;
    readonly config: MonitorConfig;
    readonly calibration: StoredCalibration | null;
  };
  readonly profileFormat: string;
  readonly evidence: EvidenceMethod;
  readonly slicesMethod: SlicesMethod;
  readonly inputs: readonly ReportInput[];
  readonly judgement: Judgement;
  /** Absent where none were asked for, as in reports from before they could be. */
  readonly segments?: readonly JudgedSegments[];
  /** The comparison with the window before, where it was asked for; null where there was none. */
  readonly previous?: (ReportReference & { readonly verdict: string | null; readonly judgement: Judgement }) | null;
  /** By column and kind. */
  readonly violations: readonly Violation[];
};

/** Everything a verdict rests on and all that was found. Pure: equal parts give equal bodies. */
export function reportBody(parts: ReportParts): { readonly [key: string]: Json } {
  const { window, judgement, configuration } = parts;
  const { methods, columns, ...found } = judgementBody(judgement);
  return {
    format: REPORT_FORMAT,
    window: {
      start: window.start.toISOString(),
      end: window.end.toISOString(),
      revision: window.revision,
      rows: window.rows,
    },
    ...found,
    reference: parts.compared === null ? parts.reference : { ...parts.reference, ...referenceOf(parts.compared) },
    configuration: {
      revision: configuration.revision,
      effective_from: configuration.effectiveFrom?.toISOString() ?? null,
      config: toJson(configuration.config),
      ...(configuration.calibration !== null && { calibration: calibrationOf(configuration.calibration) }),
    },
    methods: {
      judge: methods.judge,
      profile: parts.profileFormat,
      // Absent in reports from before there were two.
      ...(parts.evidence !== 'evidence@1' && { evidence: parts.evidence }),
      measures: methods.measures,
      // Absent in reports from before it was looked which rows carry the drift.
      ...(judgement.slices !== undefined && { slices: parts.slicesMethod }),
    },
    inputs: toJson(parts.inputs.map(inputOf)),
    columns,
    ...(parts.segments !== undefined && { segments: toJson(segmentsBody(parts.segments)) }),
    // Absent where it was not asked for, as it is in reports from before it could be.
    ...(parts.previous !== undefined && { previous: previousOf(parts.previous, judgement) }),
    violations: toJson(parts.violations),
  };
}

/** `repeats` are rows of its object that are no predictions of their own. */
const inputOf = ({ batch, rows }: ReportInput) => ({ oid: batch.oid, rows, repeats: bitsSet(batch.repeats) });

function bitsSet(bitmap: Uint8Array | null): number {
  let count = 0;
  for (const byte of bitmap ?? []) for (let bits = byte; bits > 0; bits &= bits - 1) count++;
  return count;
}

/** Its scales are in the limits of the findings. */
function calibrationOf(calibration: StoredCalibration) {
  const { method, source, seed, windows, perWindow, windowRows, factor, tail, why, since } = calibration;
  return {
    ...{ method, source, seed, windows, window_rows: windowRows, per_window: perWindow, factor, tail, why },
    // Absent where no change was adopted, as it is in reports from before limits were made of one.
    ...(since !== undefined && { since }),
  };
}

function referenceOf({ windows, inputs, lacking, adopted }: ReportReference) {
  const iso = (time: number): string => new Date(time).toISOString();
  return {
    rows: inputs.reduce((sum, { rows }) => sum + rows, 0),
    windows: windows.map(({ start, end, rows }) => ({ start: iso(start), end: iso(end), rows })),
    inputs: inputs.map(inputOf),
    ...(lacking !== undefined && { windows_found: lacking.found, windows_needed: lacking.needed }),
    ...(adopted !== undefined && { windows_adopted: adopted }),
  };
}

function previousOf(previous: NonNullable<ReportParts['previous']> | null, judged: Judgement): Json {
  if (previous === null) return null;
  const { dataset, columns } = previous.judgement;
  const change = describeChange(judged, previous.judgement, previous.verdict);
  return toJson({
    ...referenceOf(previous),
    verdict_then: previous.verdict,
    verdict: dataset.verdict,
    why: dataset.why,
    change,
    columns: columns.map(({ name, verdict, why, effect, p, q }) => ({ name, verdict, why, effect, p, q })),
  });
}

/** What was found, in the form that everything that judges answers with. */
export function judgementBody({ method, dataset, columns, table, slices }: Judgement) {
  const ofColumns = columns.flatMap((column) => column.findings.map(({ measure }) => measure));
  const measures = new Set([...ofColumns, ...(table ?? []).map(({ measure }) => measure)]);
  return {
    verdict: dataset.verdict,
    why: dataset.why,
    ...(dataset.reasons !== undefined && { reasons: dataset.reasons }),
    counts: {
      drifted: dataset.drifted,
      judged: dataset.judged,
      insufficient: dataset.insufficient,
      not_comparable: dataset.notComparable,
      share: dataset.share,
    },
    methods: { judge: method, measures: [...measures].sort() },
    // Absent in reports from before it was said, as of each column.
    ...(dataset.needed !== undefined && { needed: toJson(dataset.needed) }),
    columns: columns.map((column) => toJson(columnOf(column))),
    // Absent where no measure of whole rows was asked for, as it is in reports from before there were any.
    ...(table !== undefined && { table: toJson(table.map(tableFindingOf)) }),
    ...(slices !== undefined && { slices: toJson(slices.map(sliceOf)) }),
  };
}

function columnOf(column: ColumnJudgement) {
  const { name, role, kind, verdict, why, effect, p, q, counts } = column;
  return {
    name,
    role,
    kind,
    verdict,
    why,
    effect,
    p,
    q,
    counts,
    ...(column.weight !== undefined && { weight: column.weight }),
    ...(column.needed !== undefined && { needed: column.needed }),
    bins: column.bins.map(binOf),
    findings: column.findings.map(findingOf),
  };
}

const binOf = ({ kind, label, lower, upper, reference, window }: JudgedBin) => ({
  kind,
  label,
  lower,
  upper,
  reference,
  window,
});

const findingOf = (finding: Finding) => ({
  measure: finding.measure,
  value: finding.value,
  direction: finding.direction,
  null_mean: finding.nullMean,
  null_95: finding.null95,
  limit: finding.limit,
  p: finding.p,
  q: finding.q,
  parameters: finding.parameters,
  reason: finding.reason,
});

const tableFindingOf = (finding: TableFinding) => {
  const { measure, direction, value, low, high, p, parameters, contributions, reason, limit, q, drift } = finding;
  return {
    ...{ measure, direction, value, low, high, null_mean: finding.nullMean, null_95: finding.null95, p },
    ...{ parameters, contributions, reason },
    ...(limit !== undefined && { limit }),
    ...(q !== undefined && { q }),
    ...(drift !== undefined && { drift }),
  };
};

/** A slice as it is answered and stored. */
export const sliceOf = ({ conditions, reference, window, explained, columns, wholeRows }: DriftSlice) => ({
  conditions: [...conditions],
  support: { reference, window },
  explained,
  columns: [...columns],
  ...(wholeRows !== undefined && { whole_rows: wholeRows }),
});

const EXAMPLES = 5;

/** Violations of several batches as one list, by column and kind, with the first examples. */
export function mergeViolations(violations: readonly Violation[]): Violation[] {
  const merged = new Map<string, Violation>();
  for (const violation of violations) {
    const key = JSON.stringify([violation.column, violation.code]);
    const known = merged.get(key);
    const examples = [...new Set([...(known?.examples ?? []), ...violation.examples])].slice(0, EXAMPLES);
    merged.set(key, { ...violation, count: (known?.count ?? 0) + violation.count, examples });
  }
  return [...merged.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, violation]) => violation);
}
