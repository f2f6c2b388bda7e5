import { type Candidate, isNamed, maskOf, onePerColumn, type Run } from './slice-candidate.ts';
import { SliceChance } from './slice-chance.ts';
import { type SliceColumn, type SliceCondition, scoreColumn, sliceColumns } from './slice-columns.ts';
import { SliceCounts } from './slice-counts.ts';
import { SliceSplit } from './slice-split.ts';
import { usualLargest } from './slice-sums.ts';
import { rowsOf, type TablePair } from './table-pair.ts';

/** Rows by one or two conditions, and how much of the drift goes with them. */
export type DriftSlice = {
  /** All of them hold. */
  readonly conditions: readonly SliceCondition[];
  /** Shares of the rows of each side. */
  readonly reference: number;
  readonly window: number;
  /** The share of the other columns' drift that is gone when these rows are left out on both sides. */
  readonly explained: number;
  /** In which columns it is, by share of what is gone, largest first. */
  readonly columns: readonly { readonly name: string; readonly share: number }[];
  /** The share of what is gone that is in whole rows, in how columns go together; absent where that was not asked for. */
  readonly wholeRows?: number;
};

/** No column is called so. */
const WHOLE_ROWS = '\0whole rows';

/** Named by what is stored of it: another search is another name. `@1` named slices of chance too, `@2` conditions of it. */
export type SlicesMethod = `drift-slices@${1 | 2 | 3}`;
export const SLICES_METHOD: SlicesMethod = 'drift-slices@3';
/** Those that asked of a second condition no more than that it is better. */
const EARLIER: ReadonlySet<SlicesMethod> = new Set(['drift-slices@1', 'drift-slices@2']);

const MOST_SLICES = 3;
const MOST_TARGETS = 20;
/** Best conditions on one column that are tried together with a second. */
const EXTENDED = 6;
const LISTED_COLUMNS = 5;
/** A slice explains more than its part of the rows by at least this much, or the drift is everywhere. */
const LEAST_LIFT = 0.2;
/** How much better a slice must be for a second condition, to be worth its words. */
const LEAST_GAIN = 1.15;
const LEAST_SUPPORT = 0.01;
const LEAST_ROWS = 30;
/** Standard deviations of X² by which a column's drift must exceed what chance gives, to be explained at all. */
const LEAST_DEVIATIONS = 4;
/** Drift that is left, as a share of all, below which there is nothing more to explain. */
const LEAST_LEFT = 0.25;

/**
 * The few conditions on one or two columns that carry most of the drift: subgroups that became more or less frequent, or
 * in which something moved. A column's drift is its squared distance Σ (p - q)² / h over bins, h the pooled share, less
 * what chance gives on average (X² less its degrees of freedom, for the rows at hand). What a slice explains is how
 * much of that is gone without its rows, weighted by the rows that are left; a slice that explains no more than its
 * share of the rows explains nothing. Conditions on a column are held against the drift of the others: of its own they
 * would only repeat it. Rows that have nothing to do with the drift take their part of it with them, give or take an error
 * (`SliceChance`): a slice is named where it is so far beyond that as the largest of all that were tried rarely is, and by two
 * conditions where its rows carry more than the other rows of each alone, by as much (`SliceSplit`). The best slice is
 * taken, its rows are set aside, and the search goes on with the rest.
 * `targets` are the columns whose drift is to be explained. `scores`: what a classifier that did not see a row says of it, where
 * the drift of whole rows is to be explained too: its drift is that of the score. Cost O(rows · targets · columns).
 */
export function driftSlices(
  pair: TablePair,
  targets: readonly string[],
  scores: Float64Array | null = null,
  method: SlicesMethod = SLICES_METHOD,
): DriftSlice[] {
  const { n, m } = rowsOf(pair);
  const columns = sliceColumns(pair);
  const explained = columns.filter(({ name }) => targets.includes(name)).slice(0, MOST_TARGETS);
  if (scores !== null) explained.push(scoreColumn(WHOLE_ROWS, scores));
  if (columns.length < 2) return [];
  const search = new SliceSearch(columns, explained, { n, m, method });
  const slices: DriftSlice[] = [];
  while (slices.length < MOST_SLICES && search.left() >= LEAST_LEFT) {
    const best = search.best();
    if (best === null) break;
    slices.push(search.describe(best));
    search.setAside(best);
  }
  return slices;
}

/** The targets that conditions do not name: their drift at the start, and in the rows that are still looked at. */
type Others = {
  readonly targets: readonly number[];
  readonly whole: number;
  readonly left: number;
  readonly errorWithout: ReturnType<SliceChance['of']>;
};

type Sizes = { readonly n: number; readonly m: number; readonly method: SlicesMethod };

class SliceSearch {
  readonly #columns: readonly SliceColumn[];
  readonly #targets: readonly SliceColumn[];
  readonly #sizes: Sizes;
  /** Rows that are still looked at. */
  readonly #open: Uint8Array;
  /** The drift of each target at the start. */
  readonly #whole: readonly number[];
  /** Cells of all rows that are still looked at: by target, bin and side. */
  #all: SliceCounts;
  #chance: SliceChance;
  /** Slices that were tried with these rows. */
  #tried = 0;
  /** By the condition whose rows they are of. */
  readonly #splits = new Map<Run, SliceSplit>();

  constructor(columns: readonly SliceColumn[], targets: readonly SliceColumn[], sizes: Sizes) {
    this.#columns = columns;
    this.#targets = targets;
    this.#sizes = sizes;
    this.#open = new Uint8Array(sizes.n + sizes.m).fill(1);
    this.#all = this.#count(this.#open, null)[0]!;
    this.#chance = this.#chanceOfAll();
    this.#whole = targets.map((_, t) => this.#all.drift(t, LEAST_DEVIATIONS));
  }

  /** The share of the drift at the start that the rows still looked at hold. */
  left(): number {
    const whole = sum(this.#whole);
    return whole === 0
      ? 0
      : sum(this.#whole.map((drift, t) => (drift === 0 ? 0 : this.#weighted(this.#all, t)))) / whole;
  }

  best(): Candidate | null {
    const singles = this.#columns.flatMap((column) => this.#conditionsOn(column, this.#open));
    const ranked = onePerColumn(singles.sort((a, b) => b.worth - a.worth));
    const pairs = ranked.slice(0, EXTENDED).flatMap((first) => {
      const mask = maskOf(first);
      return (
        this.#columns
          // Rows of one side and rows of both are no group together.
          .filter(({ name, windowOnly }) => name !== first.column.name && windowOnly === first.column.windowOnly)
          .flatMap((column) => this.#conditionsOn(column, mask, first))
      );
    });
    const least = usualLargest(this.#tried);
    const isSure = ({ t }: Candidate): boolean => this.#sizes.method === 'drift-slices@1' || t > least;
    const sure = pairs.filter(isSure).sort((a, b) => b.worth - a.worth);
    // What is sure of a part of the rows is sure of them.
    const single = ranked.find((one) => isSure(one) || sure.some((pair) => pair.conditions[0] === one.conditions[0]));
    const better = sure.filter(({ worth }) => worth >= LEAST_GAIN * (single?.worth ?? 0));
    return better.find((pair) => this.#needsBoth(pair, least)) ?? single ?? null;
  }

  /** Whether the rows of both conditions carry more of the drift than the other rows of each. */
  #needsBoth({ first, column, run, inside, conditions }: Candidate, least: number): boolean {
    const others = this.#besides(conditions.map((one) => one.column));
    if (EARLIER.has(this.#sizes.method) || first === undefined || others === null) return true;
    return [first, { column, run }].every((one) => this.#splitBy(one).excess(inside, others.targets) > least);
  }

  #splitBy({ column, run }: Pick<Candidate, 'column' | 'run'>): SliceSplit {
    const known = this.#splits.get(run);
    if (known !== undefined) return known;
    const rows = maskOf({ base: this.#open, column, run });
    const looked = { rows, n: this.#sizes.n, all: this.#all, slice: this.#count(rows, null)[0]! };
    const split = new SliceSplit(this.#targets, looked);
    this.#splits.set(run, split);
    return split;
  }

  describe(candidate: Candidate): DriftSlice {
    const { n, m } = this.#sizes;
    const { conditions, explained } = candidate;
    const mask = maskOf(candidate);
    const rest = this.#all.without(this.#count(mask, null)[0]!);
    const gone = this.#targets.map(({ name }, t) => ({
      name,
      gone:
        isNamed(conditions, name) || this.#whole[t] === 0
          ? 0
          : Math.max(0, this.#weighted(this.#all, t) - this.#weighted(rest, t)),
    }));
    const all = sum(gone.map((column) => column.gone));
    const columns = gone
      .filter((column) => column.gone > 0 && column.name !== WHOLE_ROWS)
      .sort((a, b) => b.gone - a.gone)
      .slice(0, LISTED_COLUMNS)
      .map((column) => ({ name: column.name, share: column.gone / all }));
    const reference = sum(mask.subarray(0, n)) / n;
    const window = sum(mask.subarray(n)) / m;
    const whole = gone.find(({ name }) => name === WHOLE_ROWS);
    const share = whole === undefined ? {} : { wholeRows: all === 0 ? 0 : whole.gone / all };
    return { conditions, reference, window, explained, columns, ...share };
  }

  setAside(candidate: Candidate): void {
    const mask = maskOf(candidate);
    for (let i = 0; i < mask.length; i++) if (mask[i] === 1) this.#open[i] = 0;
    this.#all = this.#count(this.#open, null)[0]!;
    this.#chance = this.#chanceOfAll();
    this.#tried = 0;
    this.#splits.clear();
  }

  #chanceOfAll(): SliceChance {
    return new SliceChance(this.#targets, { rows: this.#open, n: this.#sizes.n, all: this.#all });
  }

  /** Every condition on the column within the rows of the mask, those of the first one where there is one. */
  #conditionsOn(column: SliceColumn, mask: Uint8Array, first?: Candidate): Candidate[] {
    const given = first?.conditions ?? [];
    const byBin = this.#count(mask, column);
    const { windowOnly } = column;
    const others = this.#besides([...given.map((one) => one.column), column.name]);
    const found: Candidate[] = [];
    for (const run of column.runs) {
      const conditions = [...given, run.condition];
      const inside = SliceCounts.sumOf(byBin.slice(run.from, run.to + 1));
      if (others === null || !this.#isFit(inside, windowOnly)) continue;
      this.#tried++;
      const { explained, t } = this.#explained(inside, others);
      const support = this.#support(inside, windowOnly);
      if (explained < support + LEAST_LIFT) continue;
      const worth = explained * Math.log(explained / support);
      found.push({ conditions, inside, first, base: mask, column, run, explained, t, worth });
    }
    return found;
  }

  #isFit(inside: SliceCounts, windowOnly: boolean): boolean {
    const rest = this.#all.without(inside);
    return (
      inside.n + inside.m >= LEAST_ROWS &&
      this.#support(inside, windowOnly) >= LEAST_SUPPORT &&
      Math.min(rest.n, rest.m) >= LEAST_ROWS
    );
  }

  /** The mean of its shares of both sides; of the window alone where the reference cannot have any. */
  #support({ n, m }: SliceCounts, windowOnly = false): number {
    const ofWindow = m / this.#sizes.m;
    return windowOnly ? ofWindow : (n / this.#sizes.n + ofWindow) / 2;
  }

  #weighted(counts: SliceCounts, target: number): number {
    return counts.drift(target) * this.#support(counts);
  }

  /** The drift of the targets but those named; null where the others have none. */
  #besides(named: readonly string[]): Others | null {
    const targets = this.#targets.flatMap(({ name }, t) => (named.includes(name) || this.#whole[t] === 0 ? [] : [t]));
    if (targets.length === 0) return null;
    return {
      targets,
      whole: sum(targets.map((t) => this.#whole[t]!)),
      left: sum(targets.map((t) => this.#all.drift(t))),
      errorWithout: this.#chance.of(targets),
    };
  }

  /** The share of the others' drift that is gone without these rows, and how far that is beyond chance. */
  #explained(inside: SliceCounts, { targets, whole, left, errorWithout }: Others): Pick<Candidate, 'explained' | 't'> {
    const rest = this.#all.without(inside);
    const gone = sum(targets.map((t) => this.#weighted(this.#all, t) - this.#weighted(rest, t)));
    const error = errorWithout(inside) * this.#support(rest);
    return { explained: Math.min(1, gone / whole), t: (gone - left * this.#support(inside)) / error };
  }

  /** The cells of the rows in the mask, apart for each bin of `column`; all in one where there is none. */
  #count(mask: Uint8Array, column: SliceColumn | null): SliceCounts[] {
    const { n } = this.#sizes;
    const counts = Array.from({ length: column?.bins ?? 1 }, () => SliceCounts.empty(this.#targets));
    for (let row = 0; row < mask.length; row++) {
      if (mask[row] === 1) counts[column?.codes[row] ?? 0]!.add(row, row < n ? 0 : 1);
    }
    return counts;
  }
}

const sum = (numbers: Iterable<number>): number => {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
};
