import { TidemarkError } from '../../errors.ts';
import type { ColumnProfile } from '../../stats/profile.ts';
import { compareProfiles, type ProfileComparison } from '../../stats/verdict/compare-profiles.ts';
import { judgeProfiles, type ProfileJudgement } from '../../stats/verdict/judge-profiles.ts';
import { PROFILE_EFFECTS, type ProfilePolicy } from '../../stats/verdict/profile-policy.ts';
import { checkWeights } from './check-weights.ts';
import { addedColumns, namesOf } from './choose-columns.ts';
import { concludeStored, type StoredVerdict } from './conclude-stored.ts';
import { areKeys, NAMES_ROWS } from './key-columns.ts';
import type { LocalTable } from './local-table.ts';
import { namedLimits } from './named-limits.ts';
import { type LocalProfile, profileFiles, type ReadOptions } from './profile-files.ts';
import { isRetyped, type RetypedColumn, sayRetyped } from './schema-change.ts';
import { hasStoredProfile } from './stored-profiles.ts';
import { writtenOf } from './written-texts.ts';

export type StoredOptions = ReadOptions & {
  /** Columns to compare; null for all of the reference's. */
  readonly include: readonly string[] | null;
  readonly exclude: readonly string[];
  readonly policy: ProfilePolicy;
};

export type StoredComparison = {
  readonly reference: LocalProfile;
  readonly current: LocalProfile;
  readonly verdict: StoredVerdict;
  readonly why: string;
  readonly policy: ProfilePolicy;
  readonly columns: readonly ProfileJudgement[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly retyped: readonly (Pick<RetypedColumn, 'name' | 'written'> & {
    readonly reference: string;
    readonly current: string;
  })[];
  readonly skipped: readonly { readonly name: string; readonly why: string }[];
};

type Tables = { readonly reference: LocalTable; readonly current: LocalTable };

/**
 * Judges one table against another of which at least one is known by its stored profile alone: each measure between the
 * bounds that the profiles prove, and a verdict where these decide it.
 * @throws TidemarkError `unreadable-data`, `too-large`, or `bad-request` for a column that there is not.
 */
export async function compareStored(tables: Tables, options: StoredOptions): Promise<StoredComparison> {
  const limits = namedLimits(options.policy.limits ?? {});
  const policy = { ...options.policy, limits };
  checkWeights(policy.weights);
  const idle = Object.keys(limits).find((name) => !PROFILE_EFFECTS.some((effect) => effect === name));
  if (idle !== undefined) {
    const detail = `"${idle.slice(0, 100)}" is no effect that profiles are judged by; there are ${PROFILE_EFFECTS.join(', ')}.`;
    throw new TidemarkError('bad-request', detail);
  }
  const reference = await profileOf(tables.reference, options);
  const current = await profileOf(tables.current, options);
  checkNames({ reference, current }, options);
  const wanted = (name: string): boolean =>
    !options.exclude.includes(name) && options.include?.includes(name) !== false;
  const after = new Map(current.profile.columns.map((column) => [column.name, column]));
  const comparisons: ProfileComparison[] = [];
  const retyped: StoredComparison['retyped'][number][] = [];
  const skipped: StoredComparison['skipped'][number][] = [];
  for (const column of reference.profile.columns.filter(({ name }) => wanted(name))) {
    const { name } = column;
    const other = after.get(name);
    if (other === undefined) continue;
    if (options.include === null && areKeys({ reference: column, current: other }))
      skipped.push({ name, why: NAMES_ROWS });
    else comparisons.push(compareProfiles(column, other, policy));
    if (!isRetyped(column, other)) continue;
    const [texts, values] = other.kind === 'category' ? [other, column] : [column, other];
    const written = texts.kind === 'category' ? writtenOf(texts.shapes, values.kind, topTexts(texts)) : null;
    retyped.push({ name, reference: column.type, current: other.type, written });
  }
  const columns = sayRetyped(judgeProfiles(comparisons, policy), { retyped });
  const removed = namesOf(reference).filter((name) => wanted(name) && !after.has(name));
  const added = addedColumns({ reference, current });
  const concluded = concludeStored(columns, { removed, retyped }, policy);
  return { reference, current, ...concluded, policy, columns, added, removed, retyped, skipped };
}

const topTexts = ({ top }: ColumnProfile): string[] => top.values.map(({ value }) => String(value));

/** A stored profile has the types that it has. */
async function profileOf(table: LocalTable, options: StoredOptions): Promise<LocalProfile> {
  if (!(await hasStoredProfile(table))) return profileFiles(table, options);
  return profileFiles(table, { ...options, types: undefined, csv: undefined, partitions: false });
}

function checkNames(
  { reference, current }: { readonly reference: LocalProfile; readonly current: LocalProfile },
  { include, exclude, policy }: StoredOptions,
): void {
  const known = new Set([...namesOf(reference), ...namesOf(current)]);
  const unknown = [...(include ?? []), ...exclude, ...Object.keys(policy.weights ?? {})].find(
    (name) => !known.has(name),
  );
  if (unknown === undefined) return;
  const list = [...known].slice(0, 20).join(', ');
  throw new TidemarkError('bad-request', `Neither side has a column "${unknown.slice(0, 100)}"; there are ${list}.`);
}
