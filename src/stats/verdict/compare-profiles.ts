import { jensenShannonBounds } from '../distances/jensen-shannon-bounds.ts';
import { wassersteinNull } from '../distances/wasserstein.ts';
import { wassersteinBounds } from '../distances/wasserstein-bounds.ts';
import { kolmogorovSmirnovBounds } from '../hypothesis-tests/kolmogorov-smirnov-bounds.ts';
import type { CategoryProfile, ColumnProfile, NumberProfile, VectorProfile } from '../profile.ts';
import {
  type Bounded,
  type CommonCumulatives,
  type CumulativeBounds,
  commonCumulatives,
  cumulativeBounds,
} from '../summaries/cumulative-bounds.ts';
import { measureVectorProfiles } from './compare-vector-profiles.ts';
import { chiSquareFindings, jensenShannonFinding, missingFinding, SPREAD_BEYOND } from './findings.ts';
import { DEFAULT_POLICY } from './judge.ts';
import type { JudgePolicy } from './judgement.ts';
import type { Usable } from './made-findings.ts';
import { missingNumbers, numberCells, textCells } from './profile-cells.ts';
import { bounded, type ProfileFinding } from './profile-finding.ts';
import type { ProfilePolicy } from './profile-policy.ts';
import { unseenInProfiles } from './unseen-finding.ts';

/** What profiles bound are the tests of `judge@1`: the largest distance, and a chi-square with rare texts together. */
const POLICY: JudgePolicy = { ...DEFAULT_POLICY, method: 'judge@1' };

/** A column of two profiles compared, not yet judged. */
export type ProfileComparison = {
  readonly name: string;
  /** Why the column cannot be compared, else null. */
  readonly incomparable: string | null;
  readonly insufficient: string | null;
  /** Why nothing but the missing share can be judged, else null. */
  readonly fewValues: string | null;
  /** Bounds of the column's p-value. */
  readonly p: { readonly lower: number; readonly upper: number };
  readonly findings: readonly ProfileFinding[];
};

/** Above this share of different texts, and above this number of them, a column is one of identifiers. */
const IDENTIFIER_SHARE = 0.5;
const IDENTIFIER_TEXTS = 100;

const MISSING = 'missing_share/difference@1';

/** What a profile of vectors cannot tell apart: no number is known of either. */
const UNVARIED = 'does not vary, or by more than numbers can say';

const UNDECIDED = { lower: 0, upper: 1 };

/** Whether nearly every text is different. */
export const isNearlyUnique = ({ kind, distinct, rows, nulls }: ColumnProfile): boolean =>
  kind === 'category' && distinct.value > IDENTIFIER_TEXTS && distinct.value > IDENTIFIER_SHARE * (rows - nulls);

type Sides<T extends ColumnProfile> = { readonly reference: T; readonly current: T };

/** A column that is not compared, and why. */
export function incomparableProfiles(name: string, why: string): ProfileComparison {
  return { name, incomparable: why, insufficient: null, fewValues: null, p: UNDECIDED, findings: [] };
}

/**
 * Compares one column of two profiles, nothing but the profiles at hand. The measures are those of `compareColumn`;
 * here each has the bounds between which it lies on the data. Pure; cost O(edges log edges).
 */
export function compareProfiles(
  reference: ColumnProfile,
  current: ColumnProfile,
  given: ProfilePolicy = {},
): ProfileComparison {
  const policy = { ...POLICY, ...given };
  const refused = (why: string): ProfileComparison => incomparableProfiles(reference.name, why);
  if (reference.kind === 'time' || current.kind === 'time') {
    return refused('Points in time move on by themselves; they are not compared.');
  }
  const least = policy.minimumRows;
  const few = Math.min(reference.rows, current.rows) < least;
  const insufficient = few ? `At least ${least} rows are needed on each side.` : null;
  const values = { reference: filledOf(reference), window: filledOf(current) };
  const fewValues = !few && Math.min(values.reference, values.window) < least ? fewValuesText(values, least) : null;
  const withFloor = (made: Judgeable): ProfileComparison => {
    if (fewValues === null) return { ...made, insufficient, fewValues };
    return {
      ...made,
      p: made.findings.find(({ measure }) => measure === MISSING)?.p ?? UNDECIDED,
      insufficient,
      fewValues,
    };
  };
  if (reference.kind === 'number' && current.kind === 'number') {
    return withFloor(compareNumbers({ reference, current }, policy));
  }
  if (reference.kind === 'vector' && current.kind === 'vector' && reference.type === current.type) {
    return withFloor(compareVectors({ reference, current }, policy));
  }
  if (reference.kind !== 'category' || current.kind !== 'category') {
    return refused(`One holds ${reference.type}, the other ${current.type}.`);
  }
  if (isNearlyUnique(reference)) {
    return refused('Nearly every value is different, as in a column of identifiers or free text.');
  }
  return withFloor(compareTexts({ reference, current }, policy));
}

type Judgeable = Omit<ProfileComparison, 'insufficient' | 'fewValues'>;

/** Rows with a value that can be compared. */
export function filledOf(column: ColumnProfile): number {
  if (column.kind === 'vector') return column.finite;
  return column.rows - (column.kind === 'number' ? missingNumbers(column) : column.nulls);
}

const fewValuesText = ({ reference, window }: Usable, least: number): string =>
  `There are ${reference} and ${window} values; at least ${least} are needed on each side.`;

function compareNumbers(sides: Sides<NumberProfile>, policy: JudgePolicy): Judgeable {
  const { reference, current } = sides;
  const [r, w] = [cumulativeBounds(reference), cumulativeBounds(current)];
  const common = commonCumulatives(r, w);
  const ks = kolmogorovSmirnovBounds(r, w, common);
  const lacking = r.n === 0 ? 'the reference has no usable values' : 'the other has no usable values';
  const missing = missingOf(
    [missingNumbers(reference), reference.rows],
    [missingNumbers(current), current.rows],
    policy,
  );
  const tests = [
    ...(ks === null ? [] : [ks.p]),
    ...(r.n < reference.rows || w.n < current.rows ? [missing.p ?? UNDECIDED] : []),
  ];
  const edges = reference.bins?.edges ?? [];
  return {
    name: reference.name,
    incomparable: null,
    p: smallest(tests),
    findings: [
      bounded('ks/two-sided@1', ks?.d ?? null, { p: ks?.p ?? null, reason: lacking }),
      wassersteinFinding(sides, wassersteinOf(sides, { r, w, common }), policy),
      bounded(
        'js_distance/base2/reference-edges@2',
        jensenShannonBounds(numberCells(reference, edges, r), numberCells(current, edges, w)),
        {
          policy,
        },
      ),
      missing,
    ],
  };
}

type ReadSides = { readonly r: CumulativeBounds; readonly w: CumulativeBounds; readonly common: CommonCumulatives };

/** The distance of the finite values: where there are others, distribution functions without them. */
function wassersteinOf({ reference, current }: Sides<NumberProfile>, { r, w, common }: ReadSides): Bounded | null {
  if (r.n === reference.finite && w.n === current.finite) return wassersteinBounds(r, w, common);
  const finite = (side: NumberProfile): NumberProfile => ({ ...side, positiveInfinity: 0, negativeInfinity: 0 });
  return wassersteinBounds(cumulativeBounds(finite(reference)), cumulativeBounds(finite(current)));
}

function wassersteinFinding(
  { reference, current }: Sides<NumberProfile>,
  distance: Bounded | null,
  policy: JudgePolicy,
): ProfileFinding {
  const measure = 'wasserstein/reference-std@1';
  const std = reference.moments?.populationStd ?? null;
  if (distance === null || reference.moments === null)
    return bounded(measure, null, { reason: 'a side has no finite values', policy });
  if (std === null) return bounded(measure, null, { reason: SPREAD_BEYOND, policy });
  if (std === 0 && distance.upper > 0) return bounded(measure, null, { reason: 'the reference is constant', policy });
  const scaled = (x: number): number => (x === 0 ? 0 : x / std);
  const { lower, value, upper } = distance;
  const null95 = wassersteinNull(reference.finite, current.finite).point95;
  return bounded(measure, { lower: scaled(lower), value: scaled(value), upper: scaled(upper) }, { null95, policy });
}

function compareTexts({ reference, current }: Sides<CategoryProfile>, policy: JudgePolicy): Judgeable {
  const cells = textCells(reference, current);
  const chiSquare = chiSquareFindings(cells, policy);
  const test = chiSquare.at(-1) ?? chiSquare[0];
  const distance = jensenShannonFinding(cells, policy);
  const coarse = distance.value ?? 0;
  // The distance within the cell of others adds at most that cell's weight to the divergence (its chain rule), and
  // counts that may be short say nothing from below.
  const least = cells.exact || (reference.top.error === 0 && current.top.error === 0) ? coarse : 0;
  const most = cells.exact ? coarse : Math.sqrt(Math.min(1, coarse * coarse + cells.others));
  const known = test.p === null ? null : { lower: test.p, upper: test.p };
  return {
    name: reference.name,
    incomparable: null,
    p: known ?? { lower: 1, upper: 1 },
    findings: [
      {
        ...bounded(test.measure, test.value === null ? null : exactly(test.value), { p: known, reason: test.reason }),
        ...(cells.exact ? {} : { reason: 'on the texts that both profiles list, the others together' }),
      },
      bounded(
        'js_distance/base2/reference-edges@2',
        { lower: least, value: coarse, upper: most },
        {
          null95: distance.null95,
          policy,
        },
      ),
      ...(reference.type === 'text' ? [unseenInProfiles(reference, current, policy)] : []),
      missingOf([reference.nulls, reference.rows], [current.nulls, current.rows], policy),
    ],
  };
}

/** The means alone are in the profiles, so their test decides; what else may have changed only the vectors tell. */
function compareVectors({ reference, current }: Sides<VectorProfile>, policy: JudgePolicy): Judgeable {
  const { means, shift, cosine } = measureVectorProfiles(reference, current);
  const odd = (side: VectorProfile): number => side.rows - side.finite;
  const missing = missingOf([odd(reference), reference.rows], [odd(current), current.rows], policy);
  const test = means && { lower: means.p, upper: means.p };
  const anyMissing = odd(reference) + odd(current) > 0;
  const known = (value: number | null | undefined): Bounded | null =>
    value === null || value === undefined ? null : exactly(value);
  const lacking = Math.min(reference.finite, current.finite) === 0 ? 'a side has no finite vectors' : null;
  return {
    name: reference.name,
    incomparable: null,
    p: smallest([...(test === null ? [] : [test]), ...(anyMissing ? [missing.p ?? UNDECIDED] : [])]),
    findings: [
      bounded('component_means/welch-student@1', known(means?.t), {
        p: test,
        reason: means === null ? 'a side has too few finite vectors' : `the component ${UNVARIED}`,
      }),
      bounded('centroid_distance/reference-spread@2', known(shift), {
        policy,
        reason: lacking ?? `the reference ${UNVARIED}`,
      }),
      bounded('centroid_distance/cosine@1', known(cosine), { reason: lacking ?? 'a mean vector is 0' }),
      missing,
    ],
  };
}

type Counted = readonly [missing: number, rows: number];

function missingOf([x, n]: Counted, [y, m]: Counted, policy: JudgePolicy): ProfileFinding {
  const side = { lower: null, upper: null };
  const finding = missingFinding(
    [
      { kind: 'value', label: 'present', ...side, reference: n - x, window: m - y },
      { kind: 'missing', label: 'missing', ...side, reference: x, window: y },
    ],
    policy,
  );
  const p = finding.p === null ? null : { lower: finding.p, upper: finding.p };
  const value = finding.value === null ? null : exactly(finding.value);
  return bounded(finding.measure, value, { p, null95: finding.null95, policy, reason: 'a side has no rows' });
}

const exactly = (value: number): Bounded => ({ lower: value, value, upper: value });

/** The smallest of the tests' p-values times their number (Bonferroni); 1 when nothing can differ. */
function smallest(tests: readonly { readonly lower: number; readonly upper: number }[]): {
  lower: number;
  upper: number;
} {
  const least = (values: readonly number[]): number => Math.min(1, Math.min(1, ...values) * Math.max(1, values.length));
  return { lower: least(tests.map(({ lower }) => lower)), upper: least(tests.map(({ upper }) => upper)) };
}
