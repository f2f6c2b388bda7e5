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
  'calibrate-adopted': z.object({
    revisionId: z.int(),
    since: z.int(),
    until: z.int(),
    renewed: z.literal(true).optional(),
  }),
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
  'lay-out-bundles': z.object({}),
  /** By another name than the member that says whose work a job is: nothing of a deleted project begins, but this. */
  'erase-project': z.object({ project: z.int() }),
  'sweep-storage': z.object({}),
} as const;

export type JobName = keyof typeof jobPayloads;
export type JobPayload<N extends JobName> = z.infer<(typeof jobPayloads)[N]>;
