/** Which of a monitor's configurations is in force when. Pure. */

type Dated = {
  readonly revision: number;
  /** Event time; null: since ever. */
  readonly effectiveFrom: Date | null;
};

const beginning = ({ effectiveFrom }: Dated): number => effectiveFrom?.getTime() ?? Number.NEGATIVE_INFINITY;

/** The newest of those that are effective from a point in time or earlier; the first revision is effective since ever. */
export function inForceAt<R extends Dated>(revisions: readonly R[], time: Date | null): R | null {
  const at = time?.getTime() ?? Number.NEGATIVE_INFINITY;
  let found: R | null = null;
  for (const revision of revisions) {
    if (beginning(revision) <= at && revision.revision > (found?.revision ?? 0)) found = revision;
  }
  return found;
}

/** Those that take over after a point in time, in order: no newer one is in force by then. */
export function takingOverAfter<R extends Dated>(revisions: readonly R[], time: Date | null): R[] {
  const after = time?.getTime() ?? Number.NEGATIVE_INFINITY;
  return revisions
    .filter((revision) => beginning(revision) > after && inForceAt(revisions, revision.effectiveFrom) === revision)
    .toSorted((a, b) => beginning(a) - beginning(b));
}

/** What a revision was made on: what would have been in force without it and all that came after it. */
export function basisOf<R extends Dated>(revisions: readonly R[], { revision, effectiveFrom }: Dated): R | null {
  const earlier = revisions.filter((other) => other.revision < revision);
  return inForceAt(earlier, effectiveFrom);
}
