import type { Context } from '../../context.ts';
import { type ErrorCode, isTidemarkError, TidemarkError } from '../../errors.ts';
import { findReport } from '../../store/monitor/reports.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { type Difference, differencesOf, toJson } from '../canonical.ts';
import type { Computing } from './compute-report.ts';
import { recomputeReport, requireInputs } from './recompute-report.ts';

export type Replay = {
  readonly report: string;
  /** The body computed again is the stored one, to the last digit. */
  readonly agrees: boolean;
  /** The first places where they differ. */
  readonly differences: readonly Difference[];
  readonly differencesTotal: number;
  /** Why it could not be computed again, else null. */
  readonly error: { readonly code: string; readonly message: string } | null;
};

const DIFFERENCES_SHOWN = 100;

/** What the inputs themselves are to blame for. */
const OF_THE_INPUTS: ReadonlySet<ErrorCode> = new Set([
  'object-corrupt',
  'not-found',
  'unreadable-data',
  'too-large',
  'gone',
]);

/**
 * Computes a report again from the bytes of its reference and its batches, and compares it with the stored one.
 * Inputs that are no longer what they were are an answer, not a failure.
 * @throws TidemarkError `not-found` for an unknown report.
 */
export async function replayReport(
  ctx: Computing & Pick<Context, 'db'>,
  actor: Actor,
  reportId: string,
): Promise<Replay> {
  requireScope(actor, 'monitors:read');
  const report = await findReport(ctx.db, actor.projectId, reportId);
  if (report === null) throw new TidemarkError('not-found', `There is no report "${reportId.slice(0, 100)}".`);
  try {
    await requireInputs(ctx, report);
    const { body } = await recomputeReport(ctx, report);
    const differences = [...differencesOf(toJson(report.body), body)];
    return {
      report: report.id,
      agrees: differences.length === 0,
      differences: differences.slice(0, DIFFERENCES_SHOWN),
      differencesTotal: differences.length,
      error: null,
    };
  } catch (error) {
    if (!isTidemarkError(error) || !OF_THE_INPUTS.has(error.code)) throw error;
    const { code, message } = error;
    return { report: report.id, agrees: false, differences: [], differencesTotal: 0, error: { code, message } };
  }
}
