import type { z } from 'zod';
import type { registryAnswer, registryEventView, registryView } from '../../../schemas/wire/registries.ts';
import type { Context } from '../../context.ts';
import type { Taken } from '../../domain/promotion/follow-registry.ts';
import { type IssuedRegistry, registryUrl } from '../../domain/promotion/registries.ts';

type Registry = IssuedRegistry['registry'];
type Event = NonNullable<Taken['event']>;

export const viewRegistry = (ctx: Pick<Context, 'publicUrl'>, row: Registry): z.infer<typeof registryView> => ({
  id: row.id,
  kind: row.kind,
  alias: row.alias,
  version_prefix: row.versionPrefix,
  // Nothing but a parsed request writes them.
  models: row.models as Record<string, string>,
  url: registryUrl(ctx, row),
  created_at: row.createdAt.toISOString(),
});

export const viewEvent = (row: Event): z.infer<typeof registryEventView> => ({
  id: row.id,
  delivery: row.deliveryId,
  at: row.at.toISOString(),
  moved_at: row.movedAt.toISOString(),
  outcome: row.outcome,
  detail: row.detail,
  model: row.model,
  model_version: row.version,
  run: row.runId,
});

export const viewAnswer = ({ outcome, detail, event }: Taken): z.infer<typeof registryAnswer> => ({
  outcome,
  detail,
  model: event?.model ?? null,
  model_version: event?.version ?? null,
  run: event?.runId ?? null,
});
