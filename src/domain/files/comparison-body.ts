import { CORRELATION_METHODS } from '../../stats/table/correlations.ts';
import { DEFAULT_POLICY } from '../../stats/verdict/judge.ts';
import type { Calibration, Judgement } from '../../stats/verdict/judgement.ts';
import { type Json, toJson } from '../canonical.ts';
import type { RowRelations } from '../relations/relate-rows-task.ts';
import { judgementBody } from '../report/report.ts';
import type { SegmentComparison } from '../segment/segments.ts';
import type { ComparedTable } from './column-outline.ts';
import type { FileComparison } from './compare-files.ts';
import type { StoredComparison } from './compare-stored.ts';
import type { LocalProfile } from './profile-files.ts';

const COMPARISON_FORMAT = 'tidemark.comparison/1';
const STORED_COMPARISON_FORMAT = 'tidemark.profile-comparison/1';
const LOCAL_PROFILE_FORMAT = 'tidemark.local-profile/1';

/** A comparison as plain JSON; what was found has the form that it has in a report. */
export function comparisonBody(comparison: FileComparison): { readonly [key: string]: Json } {
  const { reference, current, policy, calibration, judgement, segments, compat, added, change, skipped } = comparison;
  const { methods, columns, ...found } = judgementBody(judgement);
  return {
    format: COMPARISON_FORMAT,
    ...found,
    reference: sideOf(reference),
    current: sideOf(current),
    policy: toJson({
      alpha: policy.alpha,
      minimum_rows: policy.minimumRows,
      effects: policy.limits,
      ...(calibration !== null && {
        calibration: {
          false_alarms: calibration.falseAlarms,
          resamples: calibration.calibration.windows,
          rows: { reference: calibration.rows.reference, current: calibration.rows.window },
          tail: calibration.calibration.tail,
          limits: calibratedLimits(judgement, calibration.calibration),
        },
      }),
      ...(policy.weights !== undefined && { weights: { ...policy.weights } }),
      ...(policy.minimumDriftedShare > 0 && { drifted_share: policy.minimumDriftedShare }),
      measures: policy.measures,
      table_measures: policy.tableMeasures,
      adjustment: policy.adjustment,
    }),
    methods: toJson({ ...methods, profile: reference.profile.format }),
    schema: toJson({ added, removed: change.removed, retyped: change.retyped.map((column) => ({ ...column })) }),
    skipped: toJson(skipped),
    columns,
    ...(segments === null
      ? {}
      : { segments: segments.judged.map(segmentOf), segments_left_out: toJson(segments.leftOut) }),
    ...(compat === null ? {} : { as: toJson(compat) }),
  };
}

/** The limits that were found out, by column and measure, as they are at the sizes of the tables. */
function calibratedLimits({ columns, policy }: Judgement, { scales }: Calibration) {
  const found = columns.flatMap(({ name, findings }) => {
    const limits = findings.flatMap(({ measure, limit }) =>
      limit !== null && scales[name]?.[measure] !== undefined && policy.limits[measure] === undefined
        ? [[measure, limit] as const]
        : [],
    );
    return limits.length === 0 ? [] : [[name, Object.fromEntries(limits)] as const];
  });
  return Object.fromEntries(found);
}

/** A comparison by stored profiles as plain JSON: every measure between the bounds that they prove. */
export function storedComparisonBody(comparison: StoredComparison): { readonly [key: string]: Json } {
  const { reference, current, policy, verdict, why, added, removed, retyped, skipped, columns } = comparison;
  const { alpha, minimumRows, limits, adjustment, weights, minimumDriftedShare } = { ...DEFAULT_POLICY, ...policy };
  return {
    format: STORED_COMPARISON_FORMAT,
    verdict,
    why,
    reference: sideOf(reference),
    current: sideOf(current),
    policy: {
      ...{ alpha, minimum_rows: minimumRows, effects: { ...limits }, adjustment },
      ...(weights !== undefined && { weights: { ...weights } }),
      ...(minimumDriftedShare > 0 && { drifted_share: minimumDriftedShare }),
    },
    schema: toJson({ added, removed, retyped }),
    skipped: toJson(skipped),
    columns: columns.map(({ findings, ...column }) => ({
      ...column,
      findings: findings.map(({ null95, ...finding }) => ({ ...finding, null_95: null95 })),
    })),
  };
}

/** A profile as it is written; profile and schema are those that a version of the same bytes has. */
export function profileBody({ name, files, profile, schema, warnings }: LocalProfile, relations: RowRelations | null) {
  const body = { format: LOCAL_PROFILE_FORMAT, name, files, profile, schema, warnings };
  return { ...body, ...(relations !== null && { relations: relationsBody(relations) }) };
}

/** What rows and columns have to do with each other, in the form that a version's has. */
export const relationsBody = ({ duplicates, sampledRows, correlations, leftOut }: RowRelations) => ({
  duplicates: { ...duplicates },
  sampled_rows: sampledRows,
  methods: {
    pearson: CORRELATION_METHODS.pearson,
    spearman: CORRELATION_METHODS.spearman,
    cramers_v: CORRELATION_METHODS.cramersV,
    mutual_information: CORRELATION_METHODS.mutualInformation,
  },
  correlations: correlations.map(({ columns, rows, pearson, spearman, cramersV, mutualInformation }) => ({
    columns: [...columns],
    rows,
    pearson,
    spearman,
    cramers_v: cramersV,
    mutual_information: mutualInformation,
  })),
  left_out: [...leftOut],
});

const segmentOf = ({ value, rows, judgement }: SegmentComparison): Json => {
  const { methods: _, ...found } = judgementBody(judgement);
  return { value, rows, alpha: judgement.policy.alpha, ...found };
};

const sideOf = ({ name, files, profile }: ComparedTable): Json => toJson({ name, rows: profile.rows, files });
