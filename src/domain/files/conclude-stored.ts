import type { ProfileJudgement } from '../../stats/verdict/judge-profiles.ts';
import type { ProfilePolicy } from '../../stats/verdict/profile-policy.ts';
import { weightOf } from '../../stats/verdict/weights.ts';
import { listedNames } from './schema-change.ts';

/** `undecided`: the profiles leave it open, the rows would say. */
export type StoredVerdict = 'drift' | 'no_drift' | 'undecided' | 'insufficient_data';

type Change = { readonly removed: readonly string[]; readonly retyped: readonly { readonly name: string }[] };

/**
 * The verdict on a whole table from those on its columns, by the rule of `conclude`. Columns that are undecided may
 * turn out either way: the share of the weight that drifts lies between that without them and that with all of them.
 */
export function concludeStored(
  columns: readonly ProfileJudgement[],
  { removed, retyped }: Change,
  policy: Pick<ProfilePolicy, 'weights' | 'minimumDriftedShare'>,
): { readonly verdict: StoredVerdict; readonly why: string } {
  const counts = (name: string): boolean => weightOf(policy, name) > 0;
  const counting = columns.filter(({ name }) => counts(name));
  const of = (verdict: ProfileJudgement['verdict']): string[] =>
    counting.filter((column) => column.verdict === verdict).map(({ name }) => name);
  const [drifted, undecided, quiet] = [of('drift'), of('undecided'), of('no_drift')];
  const changed = [...removed, ...retyped.map(({ name }) => name)].filter(counts);
  const judged = drifted.length + undecided.length + quiet.length;
  const reaches = (names: readonly string[]): boolean =>
    names.length > 0 &&
    weigh(names, policy) >= (policy.minimumDriftedShare ?? 0) * weigh([...drifted, ...undecided, ...quiet], policy);
  const idle = columns.length - counting.length;
  const why = [
    ...(changed.length === 0 ? [] : [`Columns of the reference are gone or of another type: ${listedNames(changed)}.`]),
    driftedText(drifted, { judged, short: drifted.length > 0 && !reaches(drifted) }),
    ...(undecided.length === 0 ? [] : [`The profiles leave ${undecided.length} open: ${listedNames(undecided)}.`]),
    ...(idle === 0 ? [] : [`${idle} of weight 0 decided nothing.`]),
  ].join(' ');
  if (changed.length > 0 || reaches(drifted)) return { verdict: 'drift', why };
  if (undecided.length > 0 && reaches([...drifted, ...undecided])) return { verdict: 'undecided', why };
  if (judged > 0) return { verdict: 'no_drift', why };
  const none =
    columns.length > 0 && idle === columns.length ? 'Every column has weight 0.' : 'No column could be judged.';
  return { verdict: 'insufficient_data', why: none };
}

const weigh = (names: readonly string[], policy: Pick<ProfilePolicy, 'weights'>): number =>
  names.reduce((sum, name) => sum + weightOf(policy, name), 0);

function driftedText(drifted: readonly string[], { judged, short }: { judged: number; short: boolean }): string {
  const named = drifted.length === 0 ? '' : `: ${listedNames(drifted)}`;
  return `${drifted.length} of ${judged} columns drifted${named}${short ? ', fewer than the policy asks for' : ''}.`;
}
