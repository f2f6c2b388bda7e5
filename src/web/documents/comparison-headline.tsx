import { formatCount } from '../format.ts';
import { State } from '../layout.tsx';

type Side = { readonly name: string; readonly rows: number };

type Headline = {
  readonly reference: Side;
  readonly current: Side;
  readonly verdict: string;
  readonly why: string;
  readonly removed: readonly string[];
  readonly added: readonly string[];
  readonly skipped: readonly { readonly name: string }[];
  /** What the verdict rests on, where that is not the rows. */
  readonly by?: string;
};

/** Which two tables, the verdict with its reason, and what could not be compared. */
export function ComparisonHeadline({ reference, current, verdict, why, removed, added, skipped, by }: Headline) {
  return (
    <div class="headline">
      <div>
        <h1>
          <bdi>{reference.name}</bdi> → <bdi>{current.name}</bdi> <State of={verdict} />
        </h1>
        <p class="lede">{why}</p>
        <p class="small soft">
          {formatCount(reference.rows)} and {formatCount(current.rows)} rows{by === undefined ? '.' : `, ${by}`}
          {removed.length > 0 && ` Only in the reference: ${removed.join(', ')}.`}
          {added.length > 0 && ` Only in the current table: ${added.join(', ')}.`}
          {skipped.length > 0 && ` Not compared: ${skipped.map(({ name }) => name).join(', ')}.`}
        </p>
      </div>
    </div>
  );
}
