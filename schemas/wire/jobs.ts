import { z } from 'zod';

/** The only list of jobs: name → payload. `key` says which waiting jobs are the same one. */
export const jobPayloads = {
  'profile-version': z.object({ versionId: z.int() }),
  'compare-versions': z.object({ computationId: z.string(), projectId: z.int() }),
  'diff-rows': z.object({ computationId: z.string(), projectId: z.int() }),
  'derive-rows': z.object({ computationId: z.string(), projectId: z.int() }),
  'settle-push': z.object({ pushId: z.string() }),
  'settle-batches': z.object({ modelId: z.int() }),
  'compact-logs': z.object({}),
  'retain-logs': z.object({ modelId: z.int() }),
  'close-windows': z.object({ modelId: z.int() }),
  'calibrate-monitor': z.object({ revisionId: z.int() }),
  'judge-window': z.object({ windowId: z.int() }),
  'measure-performance': z.object({ windowId: z.int() }),
  'estimate-performance': z.object({ windowId: z.int() }),
  'evaluate-alert': z.object({ monitorId: z.int() }),
  'remind-alerts': z.object({}),
  'consider-policy': z.object({ policyId: z.string() }),
  'prepare-run': z.object({ runId: z.string() }),
  'derive-selection': z.object({ selectionId: z.string() }),
  'poll-run': z.object({ runId: z.string() }),
  'compare-run': z.object({ runId: z.string() }),
  'await-version': z.object({ eventId: z.int() }),
  'expire-run': z.object({ runId: z.string() }),
  'send-digest': z.object({ endpointId: z.string() }),
  /** With the project, which need not be looked up; a job from before an upgrade lacks it. */
  'deliver-messages': z.object({ endpointId: z.string(), projectId: z.int().optional() }),
  'announce-quarantine': z.object({ projectId: z.int(), oid: z.string() }),
  'advance-storage-run': z.object({ runId: z.string() }),
  'sweep-storage': z.object({}),
} as const;

export type JobName = keyof typeof jobPayloads;
export type JobPayload<N extends JobName> = z.infer<(typeof jobPayloads)[N]>;

/** `short`: done in a moment, and somebody waits for it. `long`: reads data. `delivery`: waits for a receiver. */
export const JOB_CLASSES = ['short', 'long', 'delivery'] as const;
export type JobClass = (typeof JOB_CLASSES)[number];

export const jobClasses: Readonly<Record<JobName, JobClass>> = {
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
  'sweep-storage': 'long',
};
