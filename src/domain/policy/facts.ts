import { findModelById } from '../../store/monitor/models.ts';
import type { Db } from '../../store/postgres/db.ts';
import { findRetrainingStop, type PolicyRow } from '../../store/retraining/policies.ts';
import { findNewestRun } from '../../store/retraining/retraining.ts';
import { findUnjudgedPromotion, listBegun, listClosedWindows } from '../../store/retraining/run-causes.ts';
import { withViolations } from '../configuration/sound-data.ts';
import type { Facts } from './guards.ts';

const MONTH = 32 * 86_400_000;

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
    unjudged: await findUnjudgedPromotion(tx, policy.modelId),
  };
}
