import { z } from 'zod';
import type { PolicyConfig } from '../../../schemas/wire/policies.ts';
import { countLabelledBetween } from '../../store/log/prediction-index.ts';
import type { Db } from '../../store/postgres/db.ts';
import { findLabelledRank, listRunEvents, type RunRow } from '../../store/retraining/retraining.ts';
import { type Windowing, windowStart } from '../window/window.ts';

/** What a run was started with: the first line of its history. */
const startDetail = z.object({ through_batch: z.int(), from: z.iso.datetime(), to: z.iso.datetime() });

export type StartDetail = z.infer<typeof startDetail>;

/** @throws Error when the history does not begin as `start` writes it. */
export async function startOf(db: Db, run: Pick<RunRow, 'id'>): Promise<StartDetail> {
  const [first] = await listRunEvents(db, run.id);
  return startDetail.parse(first?.detail);
}

/** What a run learned from, as the line says with which it was asked for. */
const learntDetail = z.looseObject({ from: z.iso.datetime(), to: z.iso.datetime(), hold_out: z.number() });

export type LearntDetail = { readonly from: string; readonly to: string; readonly hold_out: number };

/** @throws Error for a run that was never asked for, or before what it learned from was kept with it. */
export async function learntSpan(db: Db, run: Pick<RunRow, 'id'>): Promise<{ from: Date; to: Date; holdOut: number }> {
  const asked = (await listRunEvents(db, run.id)).find(({ state }) => state === 'requested');
  const { from, to, hold_out: holdOut } = learntDetail.parse(asked?.detail);
  return { from: new Date(from), to: new Date(to), holdOut };
}

export type SpanRule = Pick<PolicyConfig, 'span_seconds' | 'minimum_labelled_rows'> & {
  readonly windowing: Windowing;
};

export type LearningSpan = { readonly from: Date; readonly to: Date; readonly labelled: number };

/** More rows than these are not derived: the newest ones are. */
const MOST_ROWS = 1_000_000;

/**
 * The event time to learn from. It is what the policy says, else the windows of the alert. While it holds fewer
 * labelled predictions than the policy asks for, it reaches back to the start of the window in which the last of
 * them was found (to that one itself where windows are made of rows); where it holds more than a million, it keeps the newest.
 * @returns `labelled` below the minimum when there are not enough of them yet.
 */
export async function learningSpan(
  db: Db,
  modelId: number,
  given: { start: StartDetail; rule: SpanRule },
): Promise<LearningSpan> {
  const { start, rule } = given;
  const to = new Date(start.to);
  const wanted = rule.span_seconds === null ? new Date(start.from) : new Date(to.getTime() - rule.span_seconds * 1000);
  const count = async (from: Date) => (await countLabelledBetween(db, modelId, { from, to })).labelled;
  const labelled = await count(wanted);
  if (labelled > MOST_ROWS) {
    const newest = await findLabelledRank(db, modelId, { to, rank: MOST_ROWS });
    return { from: newest?.time ?? wanted, to, labelled: MOST_ROWS };
  }
  if (labelled >= rule.minimum_labelled_rows) return { from: wanted, to, labelled };
  const reached = await findLabelledRank(db, modelId, { to, rank: rule.minimum_labelled_rows });
  if (reached === null || reached.count < rule.minimum_labelled_rows) {
    return { from: wanted, to, labelled: reached?.count ?? 0 };
  }
  const time = reached.time.getTime();
  const windowFrom = rule.windowing.kind === 'rows' ? time : windowStart(time, rule.windowing);
  const from = new Date(Math.min(wanted.getTime(), windowFrom));
  return { from, to, labelled: await count(from) };
}
