import type { Context } from '../../context.ts';
import { type ErrorCode, isTidemarkError, TidemarkError } from '../../errors.ts';
import { findReport } from '../../store/monitor/reports.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { type Difference, differencesOf, toJson } from '../canonical.ts';
import { type ChangedMethod, changedMethods, withPresentNames } from './changed-methods.ts';
import type { Computing } from './compute-report.ts';
import { recomputeReport, requireInputs } from './recompute-report.ts';

export type Replay = {
  readonly report: string;
  /** The body computed again is the stored one, to the last digit, but for the names of methods that have changed. */
  readonly agrees: boolean;
  /** What the report was made by and is not made by any more: why its numbers may differ. */
  readonly methodsChanged: readonly ChangedMethod[];
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
 * Computes a report again from the bytes of its reference and its batches, and compares it with the stored one. A measure
 * whose method has changed since is computed as it is now, and said.
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
    const stored = toJson(report.body);
    const differences = [...differencesOf(withPresentNames(stored), withPresentNames(body))];
    return {
      report: report.id,
      agrees: differences.length === 0,
      methodsChanged: changedMethods(stored),
      differences: differences.slice(0, DIFFERENCES_SHOWN),
      differencesTotal: differences.length,
      error: null,
    };
  } catch (error) {
    if (!isTidemarkError(error) || !OF_THE_INPUTS.has(error.code)) throw error;
    const { code, message } = error;
    const none = { methodsChanged: [], differences: [], differencesTotal: 0 };
    return { report: report.id, agrees: false, ...none, error: { code, message } };
  }
}
