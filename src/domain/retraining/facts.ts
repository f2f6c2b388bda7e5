import { z } from 'zod';
import type { Db } from '../../store/db.ts';
import { findModelById } from '../../store/models.ts';
import { findRetrainingStop, type PolicyRow } from '../../store/policies.ts';
import { findNewestRun } from '../../store/retraining.ts';
import { findUnjudgedPromotion, listBegun, listClosedWindows } from '../../store/run-causes.ts';
import type { Facts, NewestWindow } from './guards.ts';

const MONTH = 32 * 86_400_000;

/** Violations as reports keep them; a window without a report has none. */
const violationsShape = z
  .array(z.looseObject({ column: z.string(), code: z.string(), count: z.int() }))
  .nullable()
  .catch(null);

/** What the guards of a policy go by, as it stands in this transaction. */
export async function gatherFacts(
  tx: Db,
  policy: Pick<PolicyRow, 'id' | 'projectId' | 'modelId' | 'monitorId' | 'enabled'>,
  now: Date,
): Promise<Facts> {
  const model = await findModelById(tx, policy.modelId);
  const [window] = await listClosedWindows(tx, policy.monitorId, { since: null, limit: 1 });
  return {
    stopped: await findRetrainingStop(tx, policy.projectId),
    enabled: policy.enabled === 'on',
    newest: await findNewestRun(tx, { policyId: policy.id }),
    begun: await listBegun(tx, policy.id, new Date(now.getTime() - MONTH)),
    hasPredictions: model !== null && model.watermark !== null,
    window: window === undefined ? null : withViolations(window),
    unjudged: await findUnjudgedPromotion(tx, policy.monitorId),
  };
}

/** A closed window with what its report says of the schema. */
export function withViolations(
  window: Omit<NewestWindow, 'violations'> & { readonly violations: unknown },
): NewestWindow {
  return { ...window, violations: violationsShape.parse(window.violations) ?? [] };
}
