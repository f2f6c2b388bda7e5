import type { z } from 'zod';
import type { policyView, runDetail, runView } from '../../../schemas/wire/retraining.ts';
import { formatDuration } from '../../domain/monitor/duration.ts';
import { metricsOf } from '../../domain/retraining/announce.ts';
import type { readPolicy } from '../../domain/retraining/policies.ts';
import { configOf } from '../../domain/retraining/policy.ts';
import type { RunRecord } from '../../domain/retraining/runs.ts';
import { viewDelivery } from './webhooks.ts';

type Policy = Awaited<ReturnType<typeof readPolicy>>;
type Run = RunRecord['run'];

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

export function viewPolicy(row: Policy): z.infer<typeof policyView> {
  const config = configOf(row);
  return {
    name: row.name,
    model: row.model,
    monitor: row.monitor,
    enabled: row.enabled === 'on',
    on: config.on,
    promote: config.promote,
    cooldown: formatDuration(config.cooldown_seconds),
    minimum_labelled_rows: config.minimum_labelled_rows,
    deadline: formatDuration(config.deadline_seconds),
    span: config.span_seconds === null ? null : formatDuration(config.span_seconds),
    created_at: row.createdAt.toISOString(),
  };
}

export const viewRun = (run: Run): z.infer<typeof runView> => ({
  id: run.id,
  policy: run.policy,
  model: run.model,
  monitor: run.monitor,
  alert: run.episodeId,
  state: run.state,
  reference: run.reference,
  training: run.training,
  model_version: run.modelVersion,
  external_url: run.externalUrl,
  metrics: metricsOf(run),
  error: run.error,
  created_at: run.createdAt.toISOString(),
  updated_at: run.updatedAt.toISOString(),
  deadline_at: run.deadlineAt.toISOString(),
  promoted_at: iso(run.promotedAt),
});

export const viewRunDetail = ({ run, events, messages }: RunRecord): z.infer<typeof runDetail> => ({
  ...viewRun(run),
  // Details are objects: `noteRun` takes nothing else.
  events: events.map(({ at, state, author, detail }) => ({
    at: at.toISOString(),
    state,
    author,
    detail: detail as Record<string, unknown>,
  })),
  messages: messages.map(viewDelivery),
});
