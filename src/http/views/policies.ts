import type { z } from 'zod';
import type { causeView, PolicyConfig, policyView, previewView } from '../../../schemas/wire/policies.ts';
import { blockedShape } from '../../../schemas/wire/policies.ts';
import type { retrainingSwitchView } from '../../../schemas/wire/retraining.ts';
import type { Preview } from '../../domain/backtest/preview.ts';
import { nextOccurrence, parseCron } from '../../domain/calendar/cron.ts';
import { causeOf } from '../../domain/policy/causes.ts';
import { startsOn } from '../../domain/policy/guards.ts';
import type { readCauses, readPolicy } from '../../domain/policy/policies.ts';
import { configOf } from '../../domain/policy/policy.ts';
import type { readStop } from '../../domain/retraining/stop.ts';
import { formatDuration } from '../../domain/window/duration.ts';

type Policy = Awaited<ReturnType<typeof readPolicy>>;

/** @param now from which the next time of its schedule is looked for */
export function viewPolicy(row: Policy, now: Date): z.infer<typeof policyView> {
  const { cooldown_seconds, deadline_seconds, span_seconds, approval_seconds, ...config } = configOf(row);
  return {
    ...config,
    name: row.name,
    model: row.model,
    monitor: row.monitor,
    enabled: row.enabled === 'on',
    cooldown: formatDuration(cooldown_seconds),
    deadline: formatDuration(deadline_seconds),
    span: span_seconds === null ? null : formatDuration(span_seconds),
    next_at: row.enabled === 'on' ? nextTime(config, now) : null,
    approval: approval_seconds === null ? null : { within: formatDuration(approval_seconds) },
    created_at: row.createdAt.toISOString(),
  };
}

/** The next time of a schedule; null where there is none. */
function nextTime({ schedule, zone }: Pick<PolicyConfig, 'schedule' | 'zone'>, now: Date): string | null {
  const cron = schedule === null ? null : parseCron(schedule);
  const next = cron === null || 'problem' in cron ? null : nextOccurrence(cron, zone, now.getTime());
  return next === null ? null : new Date(next).toISOString();
}

type CauseItem = Awaited<ReturnType<typeof readCauses>>['items'][number];

export const viewCause = (row: CauseItem): z.infer<typeof causeView> => ({
  id: row.id,
  cause: causeOf(row),
  alert: row.episodeId,
  state: row.state,
  run: row.runId,
  // Written by the guards alone.
  blocked: blockedShape.array().parse(row.blocked),
  decided_at: row.decidedAt.toISOString(),
});

const SHOWN = 100;

export function viewPreview(preview: Preview): z.infer<typeof previewView> {
  const { config, history, past } = preview;
  const starts = past.starts.length;
  const times = starts === 1 ? 'once' : `${starts} times`;
  return {
    would_start: preview.blocked.length === 0,
    blocked: [...preview.blocked],
    causes: [...preview.causes],
    needs_approval: config.approval_seconds !== null,
    labelled_rows: preview.labelled,
    minimum_labelled_rows: config.minimum_labelled_rows,
    backtest: {
      since: history.since.toISOString(),
      until: history.until.toISOString(),
      summary: `It would have retrained ${times} between ${day(history.since)} and ${day(history.until)}.`,
      starts_total: starts,
      starts: past.starts.slice(-SHOWN).map(({ at, cause }) => ({ at: at.toISOString(), cause })),
      blocked_total: { ...past.blocked },
      left_out: leftOut(config),
    },
  };
}

const day = (date: Date): string => date.toISOString().slice(0, 10);

function leftOut(config: PolicyConfig): string[] {
  return [
    'A run is taken to end at once, and its model not to change what the monitor compares with.',
    ...(startsOn(config, 'performance') ? ['Alerts on performance: when each label came is not kept.'] : []),
    ...(config.new_data?.tag == null ? [] : ['Where the tag stood before now is not kept.']),
    ...(config.approval_seconds === null ? [] : ['Every run is taken to be approved at once.']),
    ...(config.new_labelled_rows === null
      ? []
      : ['Labels are counted when they came, whether or not they had a prediction.']),
  ];
}

export const viewSwitch = (stop: Awaited<ReturnType<typeof readStop>>): z.infer<typeof retrainingSwitchView> => ({
  stopped: stop !== null,
  reason: stop?.reason ?? null,
  author: stop?.author ?? null,
  at: stop?.at.toISOString() ?? null,
});
