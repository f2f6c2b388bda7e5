import type { JobName } from '../schemas/wire/jobs.ts';
import { evaluateAlert } from '../src/domain/alert/evaluate.ts';
import { remindAlerts } from '../src/domain/alert/remind.ts';
import { calibrateMonitor } from '../src/domain/calibration/calibrate.ts';
import { calibrateAdopted } from '../src/domain/calibration/calibrate-adopted.ts';
import { carryOutComparison } from '../src/domain/comparison/compare-versions.ts';
import { carryOutDerivation } from '../src/domain/derivation/derive-rows.ts';
import { compactLogs } from '../src/domain/log/arrange/compact.ts';
import { behindRows } from '../src/domain/log/receive/right-of-way.ts';
import { settleBatches } from '../src/domain/log/settle/settle.ts';
import { closeWindows } from '../src/domain/monitor/close-windows.ts';
import { announceQuarantine } from '../src/domain/object/announce-quarantine.ts';
import { sweepStorage } from '../src/domain/operations/sweep.ts';
import { estimatePerformance } from '../src/domain/performance/estimate-performance.ts';
import { measurePerformance } from '../src/domain/performance/measure-performance.ts';
import { deriveSelection } from '../src/domain/prediction/derive-selection.ts';
import { profileVersion } from '../src/domain/profile/profile.ts';
import { eraseProject } from '../src/domain/project/erase.ts';
import { awaitVersion } from '../src/domain/promotion/await-version.ts';
import { compareRun } from '../src/domain/promotion/compare.ts';
import { settlePush } from '../src/domain/push/settle.ts';
import { judgeWindow } from '../src/domain/report/judge-window.ts';
import { retainLogs } from '../src/domain/retention/retain-logs.ts';
import { considerPolicy } from '../src/domain/retraining/consider.ts';
import { prepareRun } from '../src/domain/retraining/prepare.ts';
import { carryOutRowDiff } from '../src/domain/row-diff/diff-rows.ts';
import { expireRun } from '../src/domain/run/expire.ts';
import { pollRun } from '../src/domain/run/poll.ts';
import { advanceStorageRun } from '../src/domain/storage/advance.ts';
import { layOutBundles } from '../src/domain/storage/lay-out.ts';
import { deliverMessages } from '../src/domain/webhook/deliver-messages.ts';
import { sendDigest } from '../src/domain/webhook/digest.ts';
import type { JobHandlers } from './loop.ts';

/** Each job calls one verb, as each route does. */
export const JOB_HANDLERS: JobHandlers = {
  'profile-version': profileVersion,
  'compare-versions': carryOutComparison,
  'diff-rows': carryOutRowDiff,
  'derive-rows': carryOutDerivation,
  'settle-push': settlePush,
  'settle-batches': settleBatches,
  'compact-logs': compactLogs,
  'retain-logs': retainLogs,
  'close-windows': closeWindows,
  'calibrate-monitor': calibrateMonitor,
  'calibrate-adopted': calibrateAdopted,
  'judge-window': behindRows(judgeWindow),
  'measure-performance': behindRows(measurePerformance),
  'estimate-performance': behindRows(estimatePerformance),
  'evaluate-alert': evaluateAlert,
  'remind-alerts': remindAlerts,
  'consider-policy': considerPolicy,
  'prepare-run': prepareRun,
  'derive-selection': deriveSelection,
  'poll-run': pollRun,
  'compare-run': compareRun,
  'await-version': awaitVersion,
  'expire-run': expireRun,
  'send-digest': sendDigest,
  'deliver-messages': deliverMessages,
  'announce-quarantine': announceQuarantine,
  'advance-storage-run': advanceStorageRun,
  'lay-out-bundles': layOutBundles,
  'erase-project': eraseProject,
  'sweep-storage': sweepStorage,
};

/** Every job there is. */
export const JOB_NAMES = namesOf(JOB_HANDLERS);

/** The type of the handlers has every job's name and no other key. */
function namesOf(handlers: JobHandlers): readonly JobName[] {
  return Object.keys(handlers) as JobName[];
}

/** `short`: done in a moment, and somebody waits for it. `long`: reads data. `delivery`: waits for a receiver. */
export const JOB_CLASSES = ['short', 'long', 'delivery'] as const;
export type JobClass = (typeof JOB_CLASSES)[number];

export const JOB_CLASS_OF: Readonly<Record<JobName, JobClass>> = {
  'profile-version': 'long',
  'compare-versions': 'long',
  'diff-rows': 'long',
  'derive-rows': 'long',
  'settle-push': 'short',
  'settle-batches': 'short',
  'compact-logs': 'long',
  'retain-logs': 'long',
  'close-windows': 'short',
  'calibrate-monitor': 'long',
  'calibrate-adopted': 'long',
  'judge-window': 'long',
  'measure-performance': 'long',
  'estimate-performance': 'long',
  'evaluate-alert': 'short',
  'remind-alerts': 'short',
  'consider-policy': 'short',
  'prepare-run': 'long',
  'derive-selection': 'long',
  'poll-run': 'long',
  'compare-run': 'long',
  'await-version': 'short',
  'expire-run': 'short',
  'send-digest': 'short',
  'deliver-messages': 'delivery',
  'announce-quarantine': 'short',
  'advance-storage-run': 'long',
  'lay-out-bundles': 'long',
  'erase-project': 'long',
  'sweep-storage': 'long',
};
