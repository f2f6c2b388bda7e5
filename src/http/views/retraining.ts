import type { z } from 'zod';
import type { runDetail, runView } from '../../../schemas/wire/retraining.ts';
import { causeOfRun, comparisonOf, metricsOf } from '../../domain/run/announce.ts';
import type { RunRecord } from '../../domain/run/runs.ts';
import { viewDelivery } from './webhooks.ts';

type Run = RunRecord['run'];

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

export const viewRun = (run: Run): z.infer<typeof runView> => ({
  id: run.id,
  policy: run.policy,
  model: run.model,
  monitor: run.monitor,
  alert: run.episodeId,
  cause: causeOfRun(run),
  state: run.state,
  reference: run.reference,
  training: run.training,
  comparison: comparisonOf(run),
  model_version: run.modelVersion,
  external_url: run.externalUrl,
  progress: run.progress,
  metrics: metricsOf(run),
  cost: run.cost,
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
