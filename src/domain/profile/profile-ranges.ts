import type { ByteSpan } from '../../formats/byte-source.ts';
import { settleTable, type TableOutcome, type TablePlan } from '../../formats/range-reader.ts';
import type { Settled } from '../../formats/table-ranges.ts';
import type { ColumnState } from '../../stats/column-profiler.ts';
import { type ColumnProfile, PROFILE_FORMAT, type TableProfile } from '../../stats/profile.ts';
import type { KeptColumn, KeptColumns, OnRows } from './kept-columns.ts';
import type { MergedColumn, MergedPart, Part, PartRequest, RangePart } from './profile-part.ts';

/** Runs one part of the work, here or in a thread. */
type RunPart = (request: PartRequest, onRows?: OnRows) => Promise<Part>;

/** Ranges whose states are held before they are merged. */
const MERGED_AT_ONCE = 8;

/** Where and how parts are run: `lanes` is how many at once. `keep` names files for the columns; absent, none are kept. */
export type Lanes = {
  readonly lanes: number;
  readonly run: RunPart;
  readonly keep?: (() => string) | undefined;
  readonly onRows?: OnRows | undefined;
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
  const first = new RangeRun(
    plan,
    plan.fields.map((_, position) => position),
    lanes,
  );
  await first.read();
  const settled = settleTable(plan, first.outcomes);
  if (settled === null) return null;
  const { fields } = settled.plan;
  const isRight = (origin: number | null, i: number): origin is number =>
    origin !== null && plan.fields[origin]!.type === fields[i]!.type;
  const kept = await first.finish(settled.origins.filter(isRight));
  const wrong = fields.map((_, i) => i).filter((i) => !isRight(settled.origins[i]!, i));
  // Its rows were counted by the first.
  const again = new RangeRun(settled.plan, wrong, { ...lanes, onRows: undefined });
  if (wrong.length > 0) await again.read();
  const reread = await again.finish(wrong);
  const columns = settled.origins.map((origin, i) => reread.get(i) ?? kept.get(origin!)!);
  const places = settled.origins.map((origin, i) => (reread.has(i) ? again.kept(i) : first.kept(origin!)));
  return {
    settled,
    table: { format: PROFILE_FORMAT, rows: settled.rows, columns },
    kept: new Map(fields.map(({ name }, i) => [name, places[i]!])),
  };
}

/** One reading of some columns of all ranges. States are merged in the order of the ranges, whenever enough are there. */
class RangeRun {
  readonly outcomes: TableOutcome[] = [];
  readonly #plan: TablePlan;
  readonly #wanted: readonly number[];
  readonly #lanes: Lanes;
  /** By place in `wanted`. */
  #states: ColumnState[][];
  readonly #kept: KeptColumn[][];
  #held = 0;

  constructor(plan: TablePlan, wanted: readonly number[], lanes: Lanes) {
    this.#plan = plan;
    this.#wanted = wanted;
    this.#lanes = lanes;
    this.#states = wanted.map(() => []);
    this.#kept = wanted.map(() => []);
  }

  /** Where the rows lie of one of the wanted columns. */
  kept(position: number): KeptColumn {
    return (this.#kept[this.#wanted.indexOf(position)] ?? []).flat();
  }

  async read(): Promise<void> {
    const pending = new Map<number, Promise<RangePart>>();
    let next = 0;
    const { ranges } = this.#plan;
    try {
      for (let taken = 0; taken < ranges.length; taken++) {
        // One more than run at once, so that none idles while its predecessor is being taken.
        while (next < ranges.length && next <= taken + this.#lanes.lanes) {
          const part = this.#range(ranges[next]!);
          // A failure is met below when its turn comes; until then it must not count as unhandled.
          part.catch(() => undefined);
          pending.set(next++, part);
        }
        const part = await pending.get(taken)!;
        pending.delete(taken);
        await this.#take(part);
      }
    } finally {
      // After a failure nothing may run on: its answers would find nobody.
      await Promise.allSettled(pending.values());
    }
  }

  /** The profiles of these of the wanted columns. */
  async finish(positions: readonly number[]): Promise<Map<number, ColumnProfile>> {
    const columns = positions.map((position) => this.#column(this.#wanted.indexOf(position)));
    const profiles = new Map<number, ColumnProfile>();
    await Promise.all(
      this.#shares(columns).map(async (share) => {
        const part = await this.#merge(share, true);
        for (const [i, profile] of part.profiles.entries()) profiles.set(share[i]!.position, profile);
      }),
    );
    return profiles;
  }

  async #range(span: ByteSpan): Promise<RangePart> {
    // A range is answered in kind.
    const keep = this.#lanes.keep?.() ?? null;
    const request = { kind: 'range', plan: this.#plan, span, wanted: this.#wanted, keep } as const;
    return (await this.#lanes.run(request, this.#lanes.onRows)) as RangePart;
  }

  async #take({ outcome, states, kept }: RangePart): Promise<void> {
    this.outcomes.push(outcome);
    for (const [i, column] of kept.entries()) this.#kept[i]!.push(column);
    for (const [i, state] of states.entries()) this.#states[i]!.push(state);
    if (++this.#held < MERGED_AT_ONCE) return;
    this.#held = 1;
    const merged: ColumnState[][] = [];
    const columns = this.#wanted.map((_, i) => this.#column(i));
    await Promise.all(
      this.#shares(columns).map(async (share) => {
        const part = await this.#merge(share, false);
        for (const [i, state] of part.states.entries()) merged[this.#wanted.indexOf(share[i]!.position)] = [state];
      }),
    );
    this.#states = merged;
  }

  #column(i: number): MergedColumn {
    return { position: this.#wanted[i]!, states: this.#states[i]! };
  }

  /** The columns dealt out, neighbours to different shares: they are often alike. */
  #shares(columns: readonly MergedColumn[]): MergedColumn[][] {
    const count = Math.min(columns.length, this.#lanes.lanes);
    return Array.from({ length: count }, (_, k) => columns.filter((_, i) => i % count === k));
  }

  async #merge(columns: readonly MergedColumn[], last: boolean): Promise<MergedPart> {
    // A merge is answered in kind.
    return (await this.#lanes.run({ kind: 'merge', fields: this.#plan.fields, columns, last })) as MergedPart;
  }
}
