import { createHash } from 'node:crypto';
import type { LabelledBatch } from './labelled-rows.ts';

export type Split = {
  /** What the model is trained on. */
  readonly training: readonly LabelledBatch[];
  /** What it has not seen when it is compared with the one in service. */
  readonly heldOut: readonly LabelledBatch[];
};

export type SplitRule = {
  /** Share of the rows that is held out, from 0 to below 1. */
  readonly holdOut: number;
  /** As many training rows of each label as of the rarest one. */
  readonly balance: boolean;
};

/**
 * Divides labelled rows. Pure: a row's place depends on where it is stored and on nothing else, so that rows which come
 * later, and repetitions, move no row to the other side.
 */
export function splitRows(batches: readonly LabelledBatch[], rule: SplitRule): Split {
  if (rule.holdOut === 0 && !rule.balance) return { training: batches, heldOut: [] };
  const draws = new Map(batches.map((one) => [one, one.labels.map(({ row }) => draw(one.batch.oid, row))]));
  const drawOf = (one: LabelledBatch, i: number): number => draws.get(one)?.[i] ?? 0;
  const heldOut = pick(batches, (one, i) => drawOf(one, i) < rule.holdOut);
  const limits = rule.balance ? balanced(batches, { holdOut: rule.holdOut, drawOf }) : null;
  const training = pick(batches, (one, i) => {
    const drawn = drawOf(one, i);
    return drawn >= rule.holdOut && (limits === null || drawn <= (limits.get(one.labels[i]?.label ?? '') ?? -1));
  });
  return { training, heldOut };
}

/** For each label, up to which draw its training rows are taken. */
function balanced(
  batches: readonly LabelledBatch[],
  given: { holdOut: number; drawOf: (one: LabelledBatch, i: number) => number },
): Map<string, number> {
  const byLabel = new Map<string, number[]>();
  for (const one of batches) {
    one.labels.forEach(({ label }, i) => {
      const drawn = given.drawOf(one, i);
      if (drawn < given.holdOut) return;
      const known = byLabel.get(label);
      if (known === undefined) byLabel.set(label, [drawn]);
      else known.push(drawn);
    });
  }
  const least = Math.min(...[...byLabel.values()].map(({ length }) => length));
  return new Map([...byLabel].map(([label, drawn]) => [label, drawn.toSorted((a, b) => a - b)[least - 1] ?? -1]));
}

function pick(batches: readonly LabelledBatch[], take: (one: LabelledBatch, i: number) => boolean): LabelledBatch[] {
  return batches.flatMap((one) => {
    const labels = one.labels.filter((_, i) => take(one, i));
    return labels.length === 0 ? [] : [{ batch: one.batch, labels }];
  });
}

/** In [0, 1), from 48 bits of a digest: the same for a row for ever. */
function draw(oid: string, row: number): number {
  return createHash('md5').update(`${oid}:${row}`).digest().readUIntBE(0, 6) / 2 ** 48;
}
