import type { Context } from '../../context.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import {
  type Droppable,
  findLogRetention,
  type LetGo,
  type LogRetentionRow,
  type LogRule,
  listDroppable,
  listModelsToRetain,
  listReportsFrom,
  saveLogRetention,
  sumLetGo,
} from '../../store/log/log-retention.ts';
import type { ModelRow } from '../../store/monitor/models.ts';
import { transact } from '../../store/postgres/db.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { resolveModel } from '../model/resolve.ts';

export type LogRetention = {
  readonly model: ModelRow;
  /** Null: everything is kept. */
  readonly rule: LogRetentionRow | null;
  readonly letGo: LetGo;
};

/** How long a model's log is kept. @throws TidemarkError `not-found`. */
export async function readLogRetention(ctx: Pick<Context, 'db'>, actor: Actor, name: string): Promise<LogRetention> {
  requireScope(actor, 'logs:read');
  const model = await resolveModel(ctx.db, actor.projectId, name);
  return { model, rule: await findLogRetention(ctx.db, model.id), letGo: await sumLetGo(ctx.db, model.id) };
}

/** Sets how long a model's log is kept; carried out from the next hour on. @throws TidemarkError `not-found`. */
export async function setLogRetention(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { readonly model: string; readonly rule: LogRule },
): Promise<LogRetention> {
  requireScope(actor, 'admin');
  const model = await resolveModel(ctx.db, actor.projectId, given.model);
  await saveLogRetention(ctx.db, { ...given.rule, modelId: model.id, author: actor.author });
  return readLogRetention(ctx, actor, given.model);
}

type Sum = { readonly batches: number; readonly rows: number; readonly bytes: number };

export type LogPlan = {
  /** What would be let go. */
  readonly drop: Sum;
  /** Beyond the rule, and kept because a report was computed from it. */
  readonly keptForReports: Sum;
  /** Beyond the rule, and kept until its windows are judged. */
  readonly keptForWindows: Sum;
  /** Reports that could no longer be computed again. */
  readonly reports: { readonly total: number; readonly ids: readonly string[] };
};

/** Reports that a plan names; all are counted. */
const NAMED = 1000;
const PAGE = 1000;

/** Says what a rule would let go, and what is kept all the same. Changes nothing. @throws TidemarkError `not-found`. */
export async function planLogRetention(
  ctx: Pick<Context, 'db' | 'config'>,
  actor: Actor,
  given: { readonly model: string; readonly rule: LogRule },
): Promise<LogPlan> {
  requireScope(actor, 'logs:read');
  const model = await resolveModel(ctx.db, actor.projectId, given.model);
  const sums = { drop: zero(), report: zero(), window: zero() };
  const doomed: number[] = [];
  const { graceSeconds } = ctx.config.storage;
  for (let after = 0; ; ) {
    const page = await listDroppable(ctx.db, model.id, { rule: given.rule, graceSeconds, after, limit: PAGE });
    for (const batch of page) {
      const fate = fateOf(batch, given.rule);
      add(sums[fate], batch);
      if (fate === 'drop' && batch.reported) doomed.push(batch.batchId);
    }
    if (page.length < PAGE) break;
    after = page.at(-1)?.sequence ?? after;
  }
  const reports = await listReportsFrom(ctx.db, model.id, { batchIds: doomed, named: NAMED });
  return { drop: sums.drop, keptForReports: sums.report, keptForWindows: sums.window, reports };
}

/** What becomes of a batch that the rule does not keep. */
export function fateOf(batch: Pick<Droppable, 'open' | 'reported'>, rule: LogRule): 'drop' | 'window' | 'report' {
  if (batch.open) return 'window';
  return batch.reported && rule.reports === 'keep' ? 'report' : 'drop';
}

const zero = () => ({ batches: 0, rows: 0, bytes: 0 });

function add(sum: { batches: number; rows: number; bytes: number }, { rows, bytes }: Droppable): void {
  sum.batches++;
  sum.rows += rows;
  sum.bytes += bytes;
}

/** Has the rule of a model carried out now. @throws TidemarkError `not-found`. */
export async function startLogRetention(ctx: Pick<Context, 'db'>, actor: Actor, name: string): Promise<void> {
  requireScope(actor, 'admin');
  const { id: modelId } = await resolveModel(ctx.db, actor.projectId, name);
  await transact(ctx.db, (tx) => enqueueRetention(tx, modelId));
}

const HOUR = 3600;

/** Has every rule carried out that was not for an hour. Many workers may ask: of each model one job waits. */
export async function beginDueRetention(ctx: Pick<Context, 'db'>): Promise<void> {
  for (const modelId of await listModelsToRetain(ctx.db, HOUR)) await enqueueRetention(ctx.db, modelId);
}

const enqueueRetention = (db: Context['db'], modelId: number): Promise<void> =>
  enqueue(db, { name: 'retain-logs', key: `model:${modelId}`, payload: { modelId } });
