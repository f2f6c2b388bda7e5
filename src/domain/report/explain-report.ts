import { z } from 'zod';
import { sliceView } from '../../../schemas/wire/slices.ts';
import { TidemarkError } from '../../errors.ts';
import type { DriftSlice } from '../../stats/table/drift-slices.ts';
import { findReport } from '../../store/monitor/reports.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import type { Computing } from './compute-report.ts';
import { recomputeReport, requireInputs } from './recompute-report.ts';

const storedSlices = z.object({
  verdict: z.string(),
  columns: z.array(z.object({ name: z.string(), verdict: z.string() })),
  slices: z.array(sliceView),
});

export type Explanation = {
  readonly report: string;
  readonly verdict: string;
  /** The columns that drifted, which is what slices explain. */
  readonly drifted: readonly string[];
  /** The best first; none where the drift is everywhere, or in nothing but its own columns. */
  readonly slices: readonly DriftSlice[];
};

/**
 * Which rows carry the drift of a report: the few conditions on one or two columns without which most of it is gone. It
 * was found out when the window was judged; of reports from before that the reference and the batches are read again.
 * @throws TidemarkError `not-found`; `gone` when batches were let go; `object-corrupt` or `unreadable-data` when its inputs are not what they were.
 */
export async function explainReport(ctx: Computing, actor: Actor, reportId: string): Promise<Explanation> {
  requireScope(actor, 'monitors:read');
  const report = await findReport(ctx.db, actor.projectId, reportId);
  if (report === null) throw new TidemarkError('not-found', `There is no report "${reportId.slice(0, 100)}".`);
  const known = storedSlices.safeParse(report.body).data;
  if (known !== undefined) {
    const { verdict, columns, slices } = known;
    const drifted = columns.filter((column) => column.verdict === 'drift').map(({ name }) => name);
    return {
      report: report.id,
      verdict,
      drifted,
      slices: slices.map(({ support, ...slice }) => ({ ...slice, ...support })),
    };
  }
  await requireInputs(ctx, report);
  const { judgement } = await recomputeReport(ctx, report, { slices: true });
  const { columns, dataset, slices = [] } = judgement;
  const drifted = columns.filter(({ verdict }) => verdict === 'drift').map(({ name }) => name);
  return { report: report.id, verdict: dataset.verdict, drifted, slices };
}
