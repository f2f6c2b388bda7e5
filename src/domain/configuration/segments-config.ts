import type { SegmentsConfig, SegmentsRequest } from '../../../schemas/wire/segments.ts';
import type { ErrorIssue } from '../../errors.ts';
import type { ColumnProfile, TableProfile } from '../../stats/profile.ts';
import { rarer } from '../../stats/verdict/calibration.ts';
import type { JudgePolicy } from '../../stats/verdict/judgement.ts';

const MOST = 10;

/** The part of the false alarms of a monitor that is left to its segments, all of them together. */
export const SEGMENTS_SHARE = 0.2;

/** Logged columns that no reference but logged rows has, by the names that people know them by. */
const LOGGED_ALONE = { segment: 'tag.segment', model_version: 'model_version' } as const;

/** What tells segments apart: a logged column and, where the reference has it, a column of that. */
export type SegmentKey = {
  /** As it was asked for. */
  readonly by: string;
  readonly logged: string;
  /** Null: known of logged rows alone. */
  readonly column: string | null;
};

export function segmentKey(by: string): SegmentKey {
  if (by === 'segment' || by === 'model_version') return { by, logged: LOGGED_ALONE[by], column: null };
  if (by.startsWith('tags.')) return { by, logged: `tag.${by.slice('tags.'.length)}`, column: null };
  const column = by.startsWith('features.') ? by.slice('features.'.length) : by;
  return { by, logged: `feature.${column}`, column };
}

/** What a request asks for on top of what was; null: none any more. Wrong keys are added to the issues. */
export function applySegments(
  base: SegmentsConfig | undefined,
  given: SegmentsRequest | null | undefined,
  { pinned, issues }: { readonly pinned: boolean; readonly issues: ErrorIssue[] },
): SegmentsConfig | undefined {
  const chosen = given === undefined ? base : given;
  if (chosen === undefined || chosen === null) return undefined;
  chosen.by.forEach((by, i) => {
    if (!pinned || segmentKey(by).column !== null) return;
    const detail =
      'is known of logged rows alone, so that the pinned version has nothing to compare it with; ask for a reference of earlier windows, such as {"kind": "trailing", "windows": 8}';
    issues.push({ code: 'not-together', pointer: `/segments/by/${i}`, detail });
  });
  return { by: [...new Set(chosen.by)], most: chosen.most ?? MOST };
}

/** The keys of a configuration that rows can be told apart by, each with the profile of its column where there is one. */
export function segmentKeys(
  config: { readonly segments?: SegmentsConfig | undefined },
  profile: TableProfile,
): (SegmentKey & { readonly profile: ColumnProfile | null })[] {
  return (config.segments?.by ?? []).map(segmentKey).flatMap((key) => {
    const found = profile.columns.find(({ name }) => name === key.column) ?? null;
    return key.column !== null && (found === null || found.kind === 'vector') ? [] : [{ ...key, profile: found }];
  });
}

/**
 * The policy by which the segments of each key are judged: together they have their part of the false alarms and no more.
 * The limits that healthy windows made are raised as for a rate so much smaller. Whole rows are not looked at.
 */
export function segmentsPolicy(policy: JudgePolicy, { by, most }: SegmentsConfig): JudgePolicy {
  const { calibration } = policy;
  const times = (by.length * most * (1 - SEGMENTS_SHARE)) / SEGMENTS_SHARE;
  return {
    ...policy,
    alpha: (policy.alpha * SEGMENTS_SHARE) / by.length,
    tableMeasures: [],
    slices: false,
    ...(calibration !== undefined && { calibration: rarer(calibration, times) }),
  };
}

/** The segments whose performance is measured, and estimated, of what a monitor tells segments by. */
export function segmentsAsked({
  segments,
  minimum_rows: fewest,
}: {
  readonly segments?: SegmentsConfig | undefined;
  readonly minimum_rows: number;
}) {
  if (segments === undefined) return null;
  const keys = segments.by.map(segmentKey).map(({ by, logged }) => ({ by, logged }));
  return { keys, most: segments.most, fewest };
}
