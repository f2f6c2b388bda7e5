import type { ByteSpan } from '../../formats/byte-source.ts';
import { joinOutcomes, settleTable, type TableOutcome, type TablePlan } from '../../formats/range-reader.ts';
import type { Settled } from '../../formats/table-ranges.ts';
import { type ColumnOptions, type ColumnState, collectorOptions } from '../../stats/column-profiler.ts';
import { type ColumnProfile, PROFILE_FORMAT, type TableProfile } from '../../stats/profile.ts';
import { columnGroups } from './column-groups.ts';
import type { KeptColumn, KeptColumns, OnRows, Reading } from './kept-columns.ts';
import type { MergedPart, Part, PartRequest, RangePart } from './profile-part.ts';

/** Runs one part of the work, here or in a thread. */
type RunPart = (request: PartRequest, onRows?: OnRows) => Promise<Part>;

/** Ranges whose states are held before they are merged: so many, or fewer of together so many bytes of text. */
const MOST_MERGED = 8;
const MERGED_BYTES = 2 ** 28;

/** Parts that a merge is cut into for each lane: columns differ, and a lane that is done early takes another part. */
const SHARES_A_LANE = 8;

/** Where and how parts are run: `lanes` is how many at once. */
export type Lanes = Reading & {
  readonly lanes: number;
  readonly run: RunPart;
};

export type RangesProfile = {
  readonly settled: Settled<TablePlan>;
  readonly table: TableProfile;
  readonly kept: KeptColumns;
};

/**
 * Profiles a planned table range by range, and reads those columns again whose guessed type did not hold. The
 * result depends on the file alone, not on how many parts run at once or which ends first. Null when the ranges
 * do not fit together.
 * @throws TidemarkError `unreadable-data`, with places that hold within a range only.
 */
export async function profileRanges(plan: TablePlan, lanes: Lanes): Promise<RangesProfile | null> {
  const first = await readColumns(
    plan,
    plan.fields.map((_, position) => position),
    lanes,
  );
  const settled = settleTable(plan, first.outcomes);
  if (settled === null) return null;
  const { fields } = settled.plan;
  const isRight = (origin: number | null, i: number): origin is number =>
    origin !== null && plan.fields[origin]!.type === fields[i]!.type;
  const wrong = fields.map((_, i) => i).filter((i) => !isRight(settled.origins[i]!, i));
  // Its rows were counted by the first.
  const again = await readColumns(settled.plan, wrong, { ...lanes, onRows: undefined });
  const columns = settled.origins.map((origin, i) => again.columns.get(i) ?? first.columns.get(origin!)!);
  return {
    settled,
    table: { format: PROFILE_FORMAT, rows: settled.rows, columns: columns.map(({ profile }) => profile) },
    kept: new Map(fields.map(({ name }, i) => [name, columns[i]!.kept])),
  };
}

type ReadColumns = {
  readonly outcomes: readonly TableOutcome[];
  /** By position. */
  readonly columns: ReadonlyMap<number, { readonly profile: ColumnProfile; readonly kept: KeptColumn }>;
};

/** Reads columns of all ranges, a group of them after the other. */
async function readColumns(plan: TablePlan, wanted: readonly number[], lanes: Lanes): Promise<ReadColumns> {
  const columns = new Map<number, { readonly profile: ColumnProfile; readonly kept: KeptColumn }>();
  let outcomes: readonly TableOutcome[] = [];
  const groups = wanted.length > 0 || plan.fields.length === 0 ? groupsOf(plan, wanted) : [];
  // Each group reads all rows, of its columns.
  const onRows = lanes.onRows && ((rows: number) => lanes.onRows?.(rows / groups.length));
  for (const group of groups) {
    const run = new RangeRun(plan, group, { ...lanes, onRows });
    await run.read();
    outcomes = joinOutcomes(outcomes, run.outcomes);
    for (const [position, profile] of await run.finish(group)) {
      columns.set(position, { profile, kept: run.kept(position) });
    }
  }
  return { outcomes, columns };
}

/** A byte of text is half a value at most; the states of so many ranges, and of those in lanes meanwhile, are held at once. */
function groupsOf({ ranges, bytes, fields }: TablePlan, wanted: readonly number[]): number[][] {
  const valueBytes = (4 * bytes) / Math.max(1, fields.length * ranges.length);
  return columnGroups(wanted, { valueBytes, parts: Math.min(ranges.length, MOST_MERGED) + 4 });
}

function mergedAtOnce({ ranges, bytes }: TablePlan): number {
  return Math.max(2, Math.min(MOST_MERGED, Math.floor((MERGED_BYTES * ranges.length) / bytes)));
}

/** One reading of some columns of all ranges. States are merged in the order of the ranges, whenever enough are there. */
class RangeRun {
  readonly outcomes: TableOutcome[] = [];
  readonly #plan: TablePlan;
  readonly #wanted: readonly number[];
  readonly #places: ReadonlyMap<number, number>;
  readonly #lanes: Lanes;
  readonly #options: ColumnOptions;
  /** By place in `wanted`. */
  #states: ColumnState[][];
  readonly #kept: KeptColumn[][];
  #held = 0;
  /** The merge under way, whose states come before those that are held. */
  #merging: Promise<void> = Promise.resolve();

  constructor(plan: TablePlan, wanted: readonly number[], lanes: Lanes) {
    this.#plan = plan;
    this.#wanted = wanted;
    this.#places = new Map(wanted.map((position, i) => [position, i]));
    this.#lanes = lanes;
    this.#options = collectorOptions(plan.fields, { counted: lanes.counted === true });
    this.#states = wanted.map(() => []);
    this.#kept = wanted.map(() => []);
  }

  /** Where the rows lie of one of the wanted columns. */
  kept(position: number): KeptColumn {
    return (this.#kept[this.#place(position)] ?? []).flat();
  }

  async read(): Promise<void> {
    const pending = new Map<number, Promise<RangePart>>();
    let next = 0;
    const { ranges } = this.#plan;
    const most = mergedAtOnce(this.#plan);
    try {
      for (let taken = 0; taken < ranges.length; taken++) {
        // One more than run at once, so that none idles while its predecessor is being taken.
        while (next < ranges.length && next <= taken + this.#lanes.lanes) {
          const part = this.#range(ranges[next]!);
          // A failure is met below when its turn comes; until then it must not count as unhandled.
          part.catch(() => undefined);
          pending.set(next++, part);
        }
        // One lane has no time to spare before the end.
        if (next === ranges.length && this.#lanes.lanes > 1) this.#lanes.onLastPart?.();
        const part = await pending.get(taken)!;
        pending.delete(taken);
        this.#take(part);
        // What is left at the end is merged into profiles at once.
        if (this.#held >= most && taken + 1 < ranges.length) await this.#beginMerge();
      }
      await this.#merging;
    } finally {
      // After a failure nothing may run on: its answers would find nobody.
      await Promise.allSettled([...pending.values(), this.#merging]);
    }
  }

  /** The profiles of these of the wanted columns. */
  async finish(positions: readonly number[]): Promise<Map<number, ColumnProfile>> {
    const profiles = new Map<number, ColumnProfile>();
    await Promise.all(
      this.#shares(positions.map((position) => this.#place(position))).map(async (places) => {
        const part = await this.#merge(places, this.#states, true);
        for (const [i, profile] of part.profiles.entries()) profiles.set(this.#wanted[places[i]!]!, profile);
      }),
    );
    return profiles;
  }

  async #range(span: ByteSpan): Promise<RangePart> {
    // A range is answered in kind.
    const keep = this.#lanes.keep?.() ?? null;
    const counted = this.#lanes.counted === true;
    const request = { kind: 'range', plan: this.#plan, span, wanted: this.#wanted, keep, counted } as const;
    return (await this.#lanes.run(request, this.#lanes.onRows)) as RangePart;
  }

  #take({ outcome, states, kept }: RangePart): void {
    this.outcomes.push(outcome);
    for (const [i, column] of kept.entries()) this.#kept[i]!.push(column);
    for (const [i, state] of states.entries()) this.#states[i]!.push(state);
    this.#held++;
  }

  /** Merges what is held while lanes read on, once the merge before is done: two would hold the states of twice as many ranges. */
  async #beginMerge(): Promise<void> {
    await this.#merging;
    const states = this.#states;
    this.#states = this.#wanted.map(() => []);
    this.#held = 1;
    this.#merging = this.#mergeHeld(states);
    // A failure is met when it is awaited; until then it must not count as unhandled.
    this.#merging.catch(() => undefined);
  }

  async #mergeHeld(held: readonly (readonly ColumnState[])[]): Promise<void> {
    await Promise.all(
      this.#shares(held.map((_, i) => i)).map(async (places) => {
        const part = await this.#merge(places, held, false);
        for (const [i, state] of part.states.entries()) this.#states[places[i]!]!.unshift(state);
      }),
    );
  }

  /** Among the wanted columns. */
  #place(position: number): number {
    return this.#places.get(position)!;
  }

  /** Columns dealt out, neighbours to different shares: they are often alike. */
  #shares(places: readonly number[]): number[][] {
    const { lanes } = this.#lanes;
    const count = Math.min(places.length, lanes > 1 ? SHARES_A_LANE * lanes : 1);
    return Array.from({ length: count }, (_, k) => places.filter((_, i) => i % count === k));
  }

  async #merge(
    places: readonly number[],
    held: readonly (readonly ColumnState[])[],
    last: boolean,
  ): Promise<MergedPart> {
    const columns = places.map((i) => ({ field: this.#plan.fields[this.#wanted[i]!]!, states: held[i]! }));
    // A merge is answered in kind.
    return (await this.#lanes.run({ kind: 'merge', options: this.#options, columns, last })) as MergedPart;
  }
}
